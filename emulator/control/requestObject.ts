import type { Request } from "../kernel/operation";
import { badRequest } from "./controlErrors";

/** The request's JSON body as an object; throws 400 when it is none. */
export function requestObject({ body }: Request): Readonly<Record<string, unknown>> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw badRequest("The request needs a JSON object.");
}
