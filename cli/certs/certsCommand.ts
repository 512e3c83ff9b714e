import type { Arguments, CommandRule } from "../commandLine";
import type { CertsContext } from "./certsContext";
import type { ValidationErrors } from "./validationErrors";

/** A command: what it takes, and what it does. */
export interface CertsCommand extends Omit<CommandRule, "usage" | "passesTo"> {
  /**
   * Gives the exit code. Throws a UsageError before anything is made, a CertsError afterwards. `faults` holds those of the
   * command line already: the rest is checked all the same, so that all are reported at once.
   */
  run(args: Arguments, context: CertsContext, errors: ValidationErrors): Promise<number>;
}
