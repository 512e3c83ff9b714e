import { isObject, type JsonObject } from "../../azure/wire/jsonObject";
import { type Request, WireError } from "../kernel/operation";

/** An error of the control listener, in ARM's form. */
export const controlError = (status: number, code: string, message: string): WireError =>
  new WireError(status, { error: { code, message } });

/** An invalid request. */
export const badRequest = (message: string): WireError => controlError(400, "BadRequest", message);

/** The request's JSON body as an object; throws 400 for anything else. */
export function requestObject({ body }: Request): JsonObject {
  if (isObject(body)) return body;
  throw badRequest("The request needs a JSON object.");
}
