import { isObject, type JsonObject } from "../../azure/wire/jsonObject";
import type { Request } from "../kernel/operation";
import { frontError } from "./armErrors";

/** The request's body as an object; throws ARM's `InvalidRequestContent` for anything else. */
export function objectBody(request: Request): JsonObject {
  if (isObject(request.body)) return request.body;
  const message = "The request content was invalid and could not be deserialized: a JSON object is expected.";
  throw frontError(400, "InvalidRequestContent", message);
}

/** An object inside a body; empty when it is not given. */
export function objectAt(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw frontError(400, "InvalidRequestContent", `The request content was invalid: '${name}' must be an object.`);
}

/** The tags of a body, each a string; undefined when the body has none. */
export function tagsOf(body: JsonObject): Readonly<Record<string, string>> | undefined {
  const { tags } = body;
  if (tags === undefined || tags === null) return undefined;
  if (isObject(tags) && Object.values(tags).every((value) => typeof value === "string")) {
    return tags as Record<string, string>;
  }
  throw frontError(400, "InvalidRequestContent", "The request content was invalid: 'tags' must be an object of texts.");
}
