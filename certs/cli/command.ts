import type { Arguments, CommandRule } from "./arguments";
import type { Context } from "./context";

/** A command: what it takes, and what it does. */
export interface Command extends CommandRule {
  /** Gives the exit code. Throws a UsageError before anything is made, a CertsError afterwards. */
  run(args: Arguments, context: Context): Promise<number>;
}
