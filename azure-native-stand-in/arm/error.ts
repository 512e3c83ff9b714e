import { isObject, type Value } from "../values";

/** An error that ARM answered, in the words of the genuine plugin. */
export class ArmError extends Error {
  override readonly name = "ArmError";
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(`Status=${status} Code="${code}" Message="${detail}"`);
  }
}

/**
 * Reads an error's body: the front end's envelope `{"error":{code,message}}`, or Microsoft.Devices' own
 * `{"code":404015,"httpStatusCode","message"}`, which has none.
 */
export function armError(status: number, body: Value): ArmError {
  const envelope = isObject(body) && isObject(body.error) ? body.error : body;
  if (!isObject(envelope)) return new ArmError(status, "", typeof body === "string" ? body.slice(0, 500) : "");
  const message = envelope.message ?? envelope.Message ?? "";
  return new ArmError(status, String(envelope.code ?? envelope.Code ?? ""), String(message));
}
