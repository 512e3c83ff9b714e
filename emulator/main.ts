import { join } from "node:path";
import { parseArgs } from "node:util";
import { pino } from "pino";
import { AlreadyRunningError } from "./instanceLock";
import { StateFolderError } from "./kernel/stateFile";
import { LaunchError, noted } from "./launch";
import { startLocalAzure } from "./localAzure";
import { PortTakenError } from "./ports";
import { rotatingLog } from "./rotatingLog";

const USAGE = "usage: node -r ts-node/register emulator/main.ts --dir FOLDER [--launched FILE] [--log-level LEVEL]";

function options(): { directory: string; launched: string | undefined; level: string } {
  const { values } = parseArgs({
    options: {
      dir: { type: "string" },
      launched: { type: "string" },
      "log-level": { type: "string", default: "info" },
    },
  });
  if (!values.dir) throw new TypeError(`--dir is missing\n${USAGE}`);
  return { directory: values.dir, launched: values.launched, level: values["log-level"] };
}

/** Runs until a signal or the control listener ends it. Exit codes: 0 after a normal end, 1 when it could not start. */
async function main(): Promise<void> {
  const { directory, launched, level } = options();
  if (launched !== undefined) await noted(launched);
  const log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    rotatingLog(1, join(directory, "log")),
  );
  const azure = await startLocalAzure(directory, log);
  const { proxyUrl, controlUrl, metadataHost } = azure.ready;
  log.info({ proxyUrl, controlUrl, metadataHost }, "the local Azure listens");
  const signal = new Promise<string>((done) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => done(name));
  });
  const reason = await Promise.race([signal, azure.shutdownRequested.then(() => "control")]);
  log.info({ reason }, "the local Azure ends");
  await azure.close();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const expected =
      error instanceof AlreadyRunningError ||
      error instanceof LaunchError ||
      error instanceof PortTakenError ||
      error instanceof StateFolderError ||
      error instanceof TypeError;
    process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
