import { systemClock } from "../../certs/clock";
import { promptHidden } from "../certs/hiddenPrompt";
import { runCertsCommand } from "../certs/runCertsCommand";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";

/** `zero-touch certs COMMAND`: makes, signs, reads and judges certificates. The first Ctrl-C stops gracefully, the second at once. */
export function certs(_paths: Paths, { rest }: Arguments): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  return runCertsCommand(rest, {
    env,
    clock: systemClock,
    print: (text) => stdout.write(text),
    log: (text) => stderr.write(text),
    prompt: stdin.isTTY && stderr.isTTY ? (question) => promptHidden(stdin, stderr, question) : undefined,
    live: stderr.isTTY,
    signal: stop.signal,
    // Azure's modules load for a key in a vault, and for no other.
    openKey: (keyId, algorithm) =>
      (require("../certs/vaultKey") as typeof import("../certs/vaultKey")).openVaultKey(keyId, algorithm),
  });
}
