/**
 * An error of a command that the user can fix, printed as one message: what is wrong, why, and every remedy. `code` is
 * stable (upper snake case), for tests and scripts.
 */
export declare class SetupError extends Error {
  constructor(code: string, what: string, why: string, remedies: string | readonly string[], options?: ErrorOptions);
  readonly code: string;
  readonly why: string;
  readonly remedies: readonly string[];
  /** The whole printed message, with a blank line at its end. */
  render(): string;
}
