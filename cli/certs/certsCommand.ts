import type { Arguments } from "../commandLine";
import type { CommandRule } from "../commandUsage";
import type { CertsContext } from "./certsContext";
import type { ValidationErrors } from "./validationErrors";

/** One run of a command. */
export interface CertsRun {
  readonly args: Arguments;
  readonly context: CertsContext;
  /** Has the errors of the command line. The command adds its own, so that all are reported at once. */
  readonly errors: ValidationErrors;
}

/** A command: its options and its action. */
export interface CertsCommand extends Omit<CommandRule, "usage" | "passesTo"> {
  /** Returns the exit code. Throws a UsageError before anything is made, a CertsError afterwards. */
  run(run: CertsRun): Promise<number>;
}
