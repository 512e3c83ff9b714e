import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, timed } from "./processes";

/** Resources of the program beside the stack: as many as the dev stack has. */
const RESOURCES = 24;

/** A program as `pulumi new azure-typescript` sets it up: TypeScript with type checks, azure-native, its own tsconfig. */
export interface PlainProgram {
  /** Wall time of one `pulumi preview`, seconds. */
  preview(): Promise<number>;
}

const PROJECT = "name: plain\nruntime:\n  name: nodejs\n  options:\n    packagemanager: npm\n";

const TSCONFIG = {
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
const PROGRAM = `import * as resources from "@pulumi/azure-native/resources";
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

/** Makes the program with a stack of its own below `folder`. `local` is the environment of the local Azure. */
export async function plainProgram(folder: string, local: NodeJS.ProcessEnv): Promise<PlainProgram> {
  const cwd = join(folder, "plain");
  const state = join(folder, "plain-state");
  mkdirSync(cwd);
  mkdirSync(state);
  writeFileSync(join(cwd, "Pulumi.yaml"), PROJECT);
  writeFileSync(join(cwd, "package.json"), '{ "name": "plain", "main": "index.ts" }\n');
  writeFileSync(join(cwd, "tsconfig.json"), `${JSON.stringify(TSCONFIG, undefined, 2)}\n`);
  writeFileSync(join(cwd, "index.ts"), PROGRAM);
  symlinkSync(join(ROOT, "node_modules"), join(cwd, "node_modules"), "junction");
  const env: NodeJS.ProcessEnv = { ...local, PULUMI_BACKEND_URL: pathToFileURL(state).href };
  // The environment of the local mode spares type checks; Pulumi's default has them.
  delete env.PULUMI_NODEJS_TRANSPILE_ONLY;
  delete env.PULUMI_STACK;
  await timed("pulumi", ["stack", "init", "bench"], { cwd, env });
  return { preview: () => timed("pulumi", ["preview", "--stack", "bench"], { cwd, env }) };
}
