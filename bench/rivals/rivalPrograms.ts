/** Pulumi programs that a measurement compares ours with, each with a stack and a state of its own. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, timed } from "../environment/processes";

/** A command of the Pulumi CLI on the program's stack; returns its wall time in seconds. */
type Pulumi = (...args: string[]) => Promise<number>;

interface Program {
  readonly name: string;
  /** Its files beside package.json, by name; the first is `main`. */
  readonly files: Readonly<Record<string, string>>;
  /** The packages that it sees, linked from the checkout. Default: all. */
  readonly packages?: string;
  /** Has the Pulumi CLI on PATH. */
  readonly env: NodeJS.ProcessEnv;
}

async function newProgram(folder: string, program: Program): Promise<Pulumi> {
  const { name, files, packages = "node_modules" } = program;
  const [cwd, state] = [join(folder, name), join(folder, `${name}-state`)];
  mkdirSync(dirname(join(cwd, packages)), { recursive: true });
  mkdirSync(state);
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name, main: Object.keys(files)[0] }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text);
  symlinkSync(join(ROOT, packages), join(cwd, packages), "junction");
  const env = { ...program.env, PULUMI_BACKEND_URL: pathToFileURL(state).href };
  await timed("pulumi", ["stack", "init", "bench"], { cwd, env });
  return (...args) => timed("pulumi", [...args, "--stack", "bench"], { cwd, env });
}

/** A JavaScript program with nothing in it, run by the same CLI. */
export const emptyProgram = (folder: string, cli: NodeJS.ProcessEnv): Promise<Pulumi> =>
  newProgram(folder, {
    name: "empty",
    // As Pulumi's own template for JavaScript has it: no options, so the host makes ready for TypeScript too.
    files: { "index.js": "", "Pulumi.yaml": "name: empty\nruntime: nodejs\n" },
    packages: "node_modules/@pulumi/pulumi",
    env: { ...cli, PULUMI_HOME: join(folder, "empty-home") },
  });

/** Dynamic resources that do nothing, as Pulumi's documentation writes them. */
export const noopProgram = (folder: string, cli: NodeJS.ProcessEnv, count: number): Promise<Pulumi> =>
  newProgram(folder, {
    name: "noop",
    files: { "index.js": noop(count), "Pulumi.yaml": "name: noop\nruntime: nodejs\n" },
    env: { ...cli, PULUMI_HOME: join(folder, "noop-home") },
  });

const noop = (count: number): string => `const pulumi = require("@pulumi/pulumi");
const provider = {
  create: async (inputs) => ({ id: inputs.name, outs: inputs }),
  diff: async (id, olds, news) => ({ changes: olds.name !== news.name }),
};
for (let number = 1; number <= ${count}; number += 1) {
  const name = "device-" + String(number).padStart(6, "0");
  new pulumi.dynamic.Resource(provider, name, { name });
}
`;

/**
 * A program as `pulumi new azure-typescript` sets it up: TypeScript with type checks, azure-native, its own tsconfig.
 * `local` is the environment of the local Azure, which spares type checks; Pulumi's default has them.
 */
export const plainProgram = (folder: string, local: NodeJS.ProcessEnv): Promise<Pulumi> => {
  const { PULUMI_NODEJS_TRANSPILE_ONLY: _, PULUMI_STACK: __, ...env } = local;
  const project = "name: plain\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n";
  const files = { "index.ts": PLAIN, "Pulumi.yaml": project, "tsconfig.json": JSON.stringify(TSCONFIG) };
  return newProgram(folder, { name: "plain", files, env });
};

/** Resources of the plain program beside the stack: as many as the dev stack has. */
const RESOURCES = 24;

/** The tsconfig.json that `pulumi new azure-typescript` writes. */
export const TSCONFIG = {
  compilerOptions: {
    strict: true,
    outDir: "bin",
    target: "es2020",
    module: "commonjs",
    moduleResolution: "node",
    sourceMap: true,
    experimentalDecorators: true,
    pretty: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    forceConsistentCasingInFileNames: true,
  },
  files: ["index.ts"],
};

/** A resource group, a provisioning service, a hub, and consumer groups of the hub for the rest. */
const PLAIN = `import * as resources from "@pulumi/azure-native/resources";
import * as provisioning from "@pulumi/azure-native/deviceprovisioningservices";
import * as iothub from "@pulumi/azure-native/iothub";

const group = new resources.ResourceGroup("group", { location: "westeurope" });
const sku = { name: "S1", capacity: 1 };
const service = new provisioning.IotDpsResource("service", {
  resourceGroupName: group.name, location: "westeurope", sku, properties: {},
});
const hub = new iothub.IotHubResource("hub", { resourceGroupName: group.name, location: "westeurope", sku });
for (let index = 0; index < ${RESOURCES - 3}; index += 1) {
  new iothub.IotHubResourceEventHubConsumerGroup(\`reader-\${index}\`, {
    resourceGroupName: group.name,
    resourceName: hub.name,
    eventHubEndpointName: "events",
    properties: { name: \`reader-\${index}\` },
  });
}
export const serviceName = service.name;
`;
