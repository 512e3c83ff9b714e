import { start } from "../certs/processContext";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";

/** `zero-touch certs COMMAND`: makes, signs, reads and judges certificates. */
export function certs(_paths: Paths, { rest }: Arguments): Promise<number> {
  // Azure's modules load for a key in a vault, and for no other.
  return start(rest, (keyId, algorithm) =>
    (require("../certs/vaultKey") as typeof import("../certs/vaultKey")).openVaultKey(keyId, algorithm),
  );
}
