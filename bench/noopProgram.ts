import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, timed } from "./processes";

/** The rival of lists of enrollments: dynamic resources that do nothing, as Pulumi's documentation writes them. */
export interface NoopProgram {
  /** Wall time of one `pulumi up`, seconds. */
  up(): Promise<number>;
  destroy(): Promise<number>;
}

/** Makes the program of `count` resources with a stack of its own below `folder`. `cli` has the Pulumi CLI on PATH. */
export async function noopProgram(folder: string, cli: NodeJS.ProcessEnv, count: number): Promise<NoopProgram> {
  const cwd = join(folder, "noop");
  const state = join(folder, "noop-state");
  mkdirSync(cwd, { recursive: true });
  mkdirSync(state);
  writeFileSync(join(cwd, "Pulumi.yaml"), "name: noop\nruntime: nodejs\n");
  writeFileSync(join(cwd, "package.json"), '{ "name": "noop", "main": "index.js" }\n');
  writeFileSync(
    join(cwd, "index.js"),
    `const pulumi = require("@pulumi/pulumi");
const provider = {
  create: async (inputs) => ({ id: inputs.name, outs: inputs }),
  diff: async (id, olds, news) => ({ changes: olds.name !== news.name }),
};
for (let number = 1; number <= ${count}; number += 1) {
  const name = "device-" + String(number).padStart(6, "0");
  new pulumi.dynamic.Resource(provider, name, { name });
}
`,
  );
  symlinkSync(join(ROOT, "node_modules"), join(cwd, "node_modules"), "junction");
  const env = { ...cli, PULUMI_HOME: join(folder, "noop-home"), PULUMI_BACKEND_URL: pathToFileURL(state).href };
  const pulumi = (...args: string[]) => timed("pulumi", args, { cwd, env });
  await pulumi("stack", "init", "bench");
  return {
    up: () => pulumi("up", "--yes", "--skip-preview", "--stack", "bench"),
    destroy: () => pulumi("destroy", "--yes", "--skip-preview", "--stack", "bench"),
  };
}
