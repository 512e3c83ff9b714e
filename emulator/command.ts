#!/usr/bin/env node
/** `npx @azure-iot-zero-touch/local-azure`: a local Azure until Ctrl-C, without Pulumi. */
import { parseArgs } from "node:util";
import { start } from "./inProcess";

const USAGE = `Usage: local-azure [--dir FOLDER] [--log-level silent|error|warn|info]

Runs an emulator of Azure IoT Hub, Device Provisioning Service, Key Vault, Entra and Resource Manager until Ctrl-C.
--dir: the folder of its state, default ./.local-azure; a later start continues with it.
`;

async function run(): Promise<void> {
  const options = { dir: { type: "string" }, "log-level": { type: "string" }, help: { type: "boolean" } } as const;
  const { values } = parseArgs({ options });
  if (values.help) return void process.stdout.write(USAGE);
  const logLevel = (["silent", "error", "warn", "info"] as const).find((level) => level === values["log-level"]);
  const azure = await start({ directory: values.dir ?? ".local-azure", logLevel });
  const variables = Object.entries(azure.environment).map(([name, value]) => `export ${name}='${value}'\n`);
  process.stdout.write(
    `# The local Azure runs (process ${process.pid}). In the shell of a client:\n${variables.join("")}`,
  );
  process.stdout.write(
    `# Faults, clock, reset: ${azure.ready.controlUrl}; the token is in ready.json of the folder.\n`,
  );
  const signal = new Promise<void>((done) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => done());
  });
  await Promise.race([signal, azure.shutdownRequested]);
  await azure.stop();
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
