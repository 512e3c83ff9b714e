import { isObject, type JsonObject } from "./jsonObject";

/** The claims of a JSON Web Token, without a check of its signature; undefined for any other text. */
export function tokenClaims(token: string): JsonObject | undefined {
  const [, claims, signature, ...more] = token.split(".");
  if (claims === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
