import { hubError } from "../hubErrors";
import { parseCondition, parseQuery } from "./parseQuery";
import { QuerySyntaxError } from "./querySyntaxError";
import type { Expression, Query } from "./queryTree";

/** Returns what `parse` returns. Throws ArgumentInvalid for a syntax error. */
function checked<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof QuerySyntaxError) throw hubError("ArgumentInvalid", `the query is invalid: ${error.message}`);
    throw error;
  }
}

/** Parses a query of a request. Throws ArgumentInvalid. */
export const readQuery = (text: string): Query => checked(() => parseQuery(text));

/** Parses a condition of a request. Throws ArgumentInvalid. */
export const readCondition = (text: string): Expression => checked(() => parseCondition(text));
