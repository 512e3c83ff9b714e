import { isObject } from "../../azure/wire/jsonObject";
import type { Value } from "../../plugin-protocol/propertyValue";

/** An error response of ARM, in the words of the genuine plugin. */
export class ArmError extends Error {
  override readonly name = "ArmError";
  constructor(
    readonly status: number,
    /** Empty where the response has no ARM error. */
    readonly code: string,
    readonly detail: string,
  ) {
    super(`Status=${status} ${code === "" ? "" : `Code="${code}" `}Message="${detail}"`);
  }
}

/**
 * Reads an error's body: ARM's `{"error":{"code","message"}}`. Any other body, such as Microsoft.Devices' own
 * `{"code":404015,"httpStatusCode","message"}`, is the message itself.
 */
export function armError(status: number, body: Value): ArmError {
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  if (typeof error.code === "string") return new ArmError(status, error.code, String(error.message ?? ""));
  return new ArmError(status, "", typeof body === "string" ? body : body === null ? "" : JSON.stringify(body));
}
