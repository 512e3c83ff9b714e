#!/usr/bin/env node
/** `npx @azure-iot-zero-touch/local-azure`: a local Azure until Ctrl-C, without Pulumi. */
import { parseArgs } from "node:util";
import { start } from "./inProcess";

const USAGE = `Usage: local-azure [--dir FOLDER] [--log-level silent|error|warn|info]

Runs an emulator of Azure IoT Hub, Device Provisioning Service, Key Vault, Entra and Resource Manager until Ctrl-C.
--dir: the folder of its state, default ./.local-azure; a later start continues with it.
`;

const LOG_LEVELS = ["silent", "error", "warn", "info"] as const;

async function run(): Promise<void> {
  const options = { dir: { type: "string" }, "log-level": { type: "string" }, help: { type: "boolean" } } as const;
  const { values } = parseArgs({ options });
  if (values.help) return void process.stdout.write(USAGE);
  const level = values["log-level"] ?? "silent";
  const logLevel = LOG_LEVELS.find((each) => each === level);
  if (logLevel === undefined) throw new Error(`--log-level is "${level}". To fix: use ${LOG_LEVELS.join(", ")}.`);
  // Before anything is printed: who reads it may send a signal at once.
  const signal = new Promise<void>((done) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => done());
  });
  const azure = await start({ directory: values.dir ?? ".local-azure", logLevel });
  const variables = Object.entries(azure.environment).map(
    // POSIX 2.2.2: a single quote cannot occur within single quotes.
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  process.stdout.write(
    `# The local Azure runs (process ${process.pid}). In the shell of a client:\n${variables.join("")}`,
  );
  process.stdout.write(
    `# Faults, clock, reset: ${azure.ready.controlUrl}; the token is in ready.json of the folder.\n`,
  );
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
