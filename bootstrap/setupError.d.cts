/**
 * What stops a command of this project for a reason that the user can mend. It is printed as one message: what is
 * wrong, why, and every remedy. `code` is stable (upper snake case) and is what tests and scripts look at.
 */
export declare class SetupError extends Error {
  constructor(code: string, what: string, why: string, remedies: string | readonly string[], options?: ErrorOptions);
  readonly code: string;
  readonly why: string;
  readonly remedies: readonly string[];
  /** The whole message as it is printed, ending in a blank line. */
  render(): string;
}
