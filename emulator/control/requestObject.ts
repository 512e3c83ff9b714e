import { isObject, type JsonObject } from "../../azure/wire/jsonObject";
import type { Request } from "../kernel/operation";
import { badRequest } from "./controlErrors";

/** The request's JSON body as an object; throws 400 for anything else. */
export function requestObject({ body }: Request): JsonObject {
  if (isObject(body)) return body;
  throw badRequest("The request needs a JSON object.");
}
