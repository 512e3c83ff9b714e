import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import { badParameter } from "../vaultErrors";

/** Returns a request's body as an object. Throws 400. */
export function objectBody(request: Request): JsonObject {
  if (isObject(request.body)) return request.body;
  throw badParameter("The request body must be a JSON object.");
}
