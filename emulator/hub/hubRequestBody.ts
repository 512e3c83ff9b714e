import { bodyErrors, errorText } from "../schemas/bodyErrors";
import { hubError } from "./hubErrors";

/** The body of a request, valid by a schema (`emulator/schemas/`). Throws one ArgumentInvalid with all errors. */
export function readBody<T>(body: unknown, schema: string): T {
  const errors = bodyErrors(schema, body);
  if (errors.length > 0) throw hubError("ArgumentInvalid", errorText(errors));
  return body as T;
}
