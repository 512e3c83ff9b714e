import { systemClock } from "../../certs/clock";
import type { CertsContext } from "./certsContext";
import { promptHidden } from "./hiddenPrompt";

/** The context of a command of this process. The first Ctrl-C stops gracefully, the second at once. */
export function processContext(): CertsContext {
  const { stdin, stdout, stderr, env } = process;
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  return {
    env,
    clock: systemClock,
    print: (text) => stdout.write(text),
    log: (text) => stderr.write(text),
    prompt: stdin.isTTY && stderr.isTTY ? (question) => promptHidden(stdin, stderr, question) : undefined,
    live: stderr.isTTY,
    signal: stop.signal,
    // Azure's modules load for a key in a vault, and for no other.
    openKey: (keyId, algorithm) =>
      (require("./vaultKey") as typeof import("./vaultKey")).openVaultKey(keyId, algorithm),
  };
}
