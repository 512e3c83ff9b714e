/** One explained error code: what it says and the way out. */
export interface Explanation {
  readonly meaning: string;
  readonly remedy: string;
}

/** Codes of one service, keyed as Azure writes them (`401002`, `IH404015`, `AuthorizationFailed`). */
export type ExplanationTable = Readonly<Record<string, Explanation>>;
