import { systemClock } from "../../certs/clock";
import type { OpenKey } from "./certsContext";
import { askHidden } from "./hiddenPrompt";
import { runCertsCommand } from "./runCertsCommand";

/** Runs the command line of this process; gives the exit code; `openKey` reaches keys that are in no file. The first Ctrl-C asks a run to stop, the second ends it. */
export async function start(argv: readonly string[], openKey?: OpenKey): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  return runCertsCommand(argv, {
    env,
    clock: systemClock,
    out: (text) => stdout.write(text),
    tell: (text) => stderr.write(text),
    ask: stdin.isTTY && stderr.isTTY ? (question) => askHidden(stdin, stderr, question) : undefined,
    live: stderr.isTTY,
    signal: stop.signal,
    openKey,
  });
}
