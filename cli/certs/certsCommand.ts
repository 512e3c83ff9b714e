import type { Arguments, CommandRule } from "../commandLine";
import type { CertsContext } from "./certsContext";
import type { ValidationErrors } from "./validationErrors";

/** A command: its options and its action. */
export interface CertsCommand extends Omit<CommandRule, "usage" | "passesTo"> {
  /**
   * Returns the exit code. Throws a UsageError before anything is made, a CertsError afterwards. `errors` already has those of
   * the command line; the command adds its own, so that all are reported at once.
   */
  run(args: Arguments, context: CertsContext, errors: ValidationErrors): Promise<number>;
}
