import { nameError } from "../../../azure/names";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import { badParameter } from "../vaultErrors";

/** Returns the object name of a request (path parameter `name`). Throws 400 if it is invalid. */
export function nameOf(request: Request): string {
  const { name = "" } = request.params;
  if (nameError("vaultObject", name) === undefined) return name;
  throw badParameter(`The request URI contains an invalid name: ${name}`);
}

/** Returns the object version of a request (path parameter `version`): undefined for the latest. Throws 400 if it is invalid. */
export function versionOf(request: Request): string | undefined {
  const { version = "" } = request.params;
  if (version === "") return undefined;
  if (/^[0-9a-f]{32}$/i.test(version)) return version.toLowerCase();
  throw badParameter(`The request URI contains an invalid version: ${version}`);
}

/** Returns a request's body as an object. Throws 400. */
export function objectBody(request: Request): JsonObject {
  if (isObject(request.body)) return request.body;
  throw badParameter("The request body must be a JSON object.");
}
