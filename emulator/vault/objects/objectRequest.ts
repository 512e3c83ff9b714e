import { nameError } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import { bodyErrors, errorText } from "../../schemas/bodyErrors";
import { knownMembers } from "../../schemas/knownMembers";
import type { VaultRequestContext } from "../vaultAuthorization";
import { badParameter } from "../vaultErrors";
import type { ObjectKind } from "../vaultPermissions";
import type { ObjectKey } from "./objectVersion";

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

/**
 * Returns the body of a request, valid by a schema (`emulator/schemas/`), without the members that the schema does not have.
 * Throws one 400 with all errors.
 */
export function readBody(request: Request, schema: string): JsonObject {
  const errors = bodyErrors(schema, request.body);
  if (errors.some(({ field }) => field === "")) throw badParameter("The request body must be a JSON object.");
  if (errors.length > 0) throw badParameter(`Property ${errorText(errors)}.`);
  return knownMembers(schema, request.body as JsonObject);
}

/** Strictly base64url without padding; undefined for any other text. */
export function fromBase64url(text: unknown): Buffer | undefined {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

/**
 * Returns the bytes of a member of a request. Throws 400 BadParameter if it is missing or no base64url; the message names
 * the member, below `path`, and contains no value.
 */
export function bytesOf(body: Readonly<Record<string, unknown>>, member: string, path = ""): Buffer {
  const bytes = fromBase64url(body[member]);
  if (bytes === undefined || bytes.length === 0) {
    throw badParameter(`Property ${path}${member} must be base64url without padding, and not empty.`);
  }
  return bytes;
}

/** Returns the key of the object that a request names. Throws 400 if the name is invalid. */
export const keyOf = (
  request: Request,
  { vault }: Pick<VaultRequestContext, "vault">,
  kind: ObjectKind,
): ObjectKey => ({
  vault: vault.key,
  kind,
  name: nameOf(request),
});
