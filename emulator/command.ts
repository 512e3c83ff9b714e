#!/usr/bin/env node
/** `npx local-azure` of the package `@azure-iot-zero-touch/local-azure`: a local Azure until Ctrl-C, without Pulumi. */
import { once } from "node:events";
import { join, resolve } from "node:path";
import { clientEnvironment } from "./clientEnvironment";
import { type CommandOptions, readCommandLine, USAGE } from "./commandOptions";
import { withPreload } from "./contract/nodePreload";
import type { Ready } from "./contract/ready";
import { type Environment, exportLines } from "./contract/shellExports";
import { readIfThere } from "./kernel/stateFile";
import { LocalClient } from "./localClient";
import { starterVariables } from "./starterResources";

/** The lines that point clients at a local Azure; creates the starter resources. */
async function lines(ready: Ready, options: CommandOptions): Promise<string> {
  const { ca, listen, preload, shell, starter } = options;
  const bundle = ca ?? join(resolve(options.directory), "ca", "bundle.pem");
  const reached = ca === undefined ? ready : { ...ready, caFile: ca };
  const started = await starterVariables(new LocalClient(ready, listen.host), starter);
  const environment: Environment = { set: { ...clientEnvironment(reached, bundle), ...started }, unset: [] };
  return exportLines(preload ? withPreload(environment, ready, process.env) : environment, shell);
}

/** Of the local Azure that runs on the folder. Throws an Error when none does. */
function running(directory: string): Ready {
  const text = readIfThere(join(directory, "ready.json"));
  if (text !== undefined) return JSON.parse(text) as Ready;
  throw new Error(`No local Azure runs on ${resolve(directory)}. To fix: start it, or name its folder with --dir.`);
}

async function status({ directory, listen }: CommandOptions): Promise<void> {
  const ready = running(directory);
  await new LocalClient(ready, listen.host).control("GET", "/health");
  process.stdout.write(`The local Azure runs (process ${ready.pid}) at ${ready.proxyUrl}.\n`);
}

/** How often the parent is looked for, in milliseconds: the system sends no word of its end. */
const PARENT_MS = 500;

/**
 * Calls back when npm, which has started this process, is terminated: it hands SIGTERM to the shell of the command only, which
 * ends without a word to us. It keeps the process running; the returned function ends both.
 */
function watchNpm(onEnd: () => void): () => void {
  const parent = process.ppid;
  const isByNpm = process.env.npm_lifecycle_script?.includes("local-azure") === true;
  const watch = setInterval(() => {
    if (isByNpm && process.ppid !== parent) onEnd();
  }, PARENT_MS);
  return () => clearInterval(watch);
}

async function runUntilSignal(options: CommandOptions): Promise<void> {
  // Before anything is printed: who reads it may send a signal at once.
  const ending = new AbortController();
  const ended = once(ending.signal, "abort");
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => ending.abort());
  // The local Azure itself does not keep a process running.
  const unwatch = watchNpm(() => ending.abort());
  // Loaded here, because the other commands are to start at once.
  const { start } = require("./inProcess") as typeof import("./inProcess");
  const { directory, listen, logLevel } = options;
  const azure = await start({ directory, logLevel, ...listen });
  try {
    const exports = await lines(azure.ready, options);
    // On standard error, so that standard output is lines of the shell and nothing else.
    process.stderr.write(`The local Azure runs (process ${process.pid}). In the shell of a client:\n`);
    process.stdout.write(exports);
    process.stderr.write(
      `Faults, clock, reset: ${azure.ready.controlUrl}; the token is in ready.json of the folder.\n`,
    );
    await Promise.race([ended, azure.shutdownRequested]);
  } finally {
    unwatch();
    await azure.stop();
  }
}

async function run(): Promise<void> {
  const options = readCommandLine(process.argv.slice(2), process.env);
  if (options.help) process.stdout.write(USAGE);
  else if (options.command === "status") await status(options);
  else if (options.command === "env") process.stdout.write(await lines(running(options.directory), options));
  else await runUntilSignal(options);
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
