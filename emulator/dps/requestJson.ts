import { bodyErrors, errorText } from "../schemas/bodyErrors";
import { withSchemaNames } from "../schemas/bodyNames";
import { dpsError } from "./dpsErrors";

/** The body of a request, valid by a schema (`emulator/schemas/`). Throws one 400004 with all errors. */
export function readBody<T>(body: unknown, schema: string): T {
  const named = withSchemaNames(schema, body);
  const errors = bodyErrors(schema, named);
  if (errors.length > 0) throw dpsError("argument", `Invalid request: ${errorText(errors)}`);
  return named as T;
}

/** Many of Azure's clients send null for what is not set. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

/** Returns a value for a message, shortened. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
};
