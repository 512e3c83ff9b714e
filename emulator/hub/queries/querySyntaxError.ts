/** A text that is no query; the message names the place. */
export class QuerySyntaxError extends Error {
  override readonly name = "QuerySyntaxError";

  constructor(
    message: string,
    /** From 0. */
    readonly position: number,
  ) {
    super(`${message} at position ${position + 1}`);
  }
}
