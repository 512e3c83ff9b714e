import { badParameter } from "../vaultErrors";

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
