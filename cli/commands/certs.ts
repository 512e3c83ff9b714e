import { start } from "../certs/processContext";
import type { Paths } from "../checkoutPaths";

/** `zero-touch certs COMMAND`: makes, signs, reads and judges certificates. */
export function certs(_paths: Paths, args: readonly string[]): Promise<number> {
  // Azure's modules load for a key in a vault, and for no other.
  return start(["certs", ...args], (keyId, algorithm) =>
    (require("../certs/vaultKey") as typeof import("../certs/vaultKey")).openVaultKey(keyId, algorithm),
  );
}
