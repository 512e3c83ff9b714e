import { processContext } from "../certs/processContext";
import { runCertsCommand } from "../certs/runCertsCommand";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";

/** `zero-touch certs COMMAND`: makes, signs, reads and judges certificates. */
export function certs(_paths: Paths, { rest }: Arguments): Promise<number> {
  return runCertsCommand(rest, processContext());
}
