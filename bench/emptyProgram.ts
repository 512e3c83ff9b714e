import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, timed } from "./processes";

/** The rival of every Pulumi measurement: a JavaScript program with nothing in it, run by the same CLI. */
export interface EmptyProgram {
  /** Wall time of one `pulumi preview`, seconds. */
  preview(): Promise<number>;
}

/** Makes the program with a stack of its own below `folder`. `cli` is an environment with the Pulumi CLI on PATH. */
export async function emptyProgram(folder: string, cli: NodeJS.ProcessEnv): Promise<EmptyProgram> {
  const cwd = join(folder, "empty");
  const state = join(folder, "state");
  mkdirSync(join(cwd, "node_modules", "@pulumi"), { recursive: true });
  mkdirSync(state);
  // As Pulumi's own template for JavaScript has it: no options, so the host makes ready for TypeScript too.
  writeFileSync(join(cwd, "Pulumi.yaml"), "name: empty\nruntime: nodejs\n");
  writeFileSync(join(cwd, "package.json"), '{ "name": "empty", "main": "index.js" }\n');
  writeFileSync(join(cwd, "index.js"), "");
  symlinkSync(
    join(ROOT, "node_modules", "@pulumi", "pulumi"),
    join(cwd, "node_modules", "@pulumi", "pulumi"),
    "junction",
  );
  const env = { ...cli, PULUMI_HOME: join(folder, "home"), PULUMI_BACKEND_URL: pathToFileURL(state).href };
  await timed("pulumi", ["stack", "init", "bench"], { cwd, env });
  return { preview: () => timed("pulumi", ["preview", "--stack", "bench"], { cwd, env }) };
}
