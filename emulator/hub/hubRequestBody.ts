import { bodyErrors, errorText } from "../schemas/bodyErrors";
import { withSchemaNames } from "../schemas/bodyNames";
import { hubError } from "./hubErrors";

/** The body of a request, valid by a schema (`emulator/schemas/`). Throws one ArgumentInvalid with all errors. */
export function readBody<T>(body: unknown, schema: string): T {
  const named = withSchemaNames(schema, body);
  const errors = bodyErrors(schema, named);
  if (errors.length > 0) throw hubError("ArgumentInvalid", errorText(errors));
  return named as T;
}
