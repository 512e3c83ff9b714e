import { systemClock } from "../../certs/clock";
import type { OpenKey } from "./certsContext";
import { promptHidden } from "./hiddenPrompt";
import { runCertsCommand } from "./runCertsCommand";

/** Runs the command line of this process and returns the exit code. `openKey` opens keys in a vault. The first Ctrl-C stops gracefully, the second at once. */
export async function start(argv: readonly string[], openKey?: OpenKey): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  return runCertsCommand(argv, {
    env,
    clock: systemClock,
    print: (text) => stdout.write(text),
    log: (text) => stderr.write(text),
    prompt: stdin.isTTY && stderr.isTTY ? (question) => promptHidden(stdin, stderr, question) : undefined,
    live: stderr.isTTY,
    signal: stop.signal,
    openKey,
  });
}
