import { constants, type KeyObject, sign, verify } from "node:crypto";
import { isObject, type JsonObject } from "../../azure/wire/jsonObject";
import { parseJson } from "../kernel/parseJson";

/** A JSON Web Token parsed but not validated (RFC 7519, in the compact form of RFC 7515). */
export interface Jwt {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  /** The signed text: header and claims as sent. */
  readonly signed: string;
  readonly signature: Buffer;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function decoded(part: string): JsonObject | undefined {
  const value: unknown = parseJson(Buffer.from(part, "base64url"));
  return isObject(value) ? value : undefined;
}

/** Parses a token; undefined for anything else. */
export function readJwt(token: string): Jwt | undefined {
  const [head, body, signature, ...more] = token.split(".");
  if (!head || !body || !signature || more.length > 0) return undefined;
  try {
    const [header, claims] = [decoded(head), decoded(body)];
    if (!header || !claims) return undefined;
    return { header, claims, signed: `${head}.${body}`, signature: Buffer.from(signature, "base64url") };
  } catch {
    return undefined;
  }
}

/** A token signed with RS256. */
export function signJwt(header: object, claims: object, privateKey: KeyObject): string {
  const signed = `${encoded({ typ: "JWT", alg: "RS256", ...header })}.${encoded(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
}

/** How each algorithm is verified (RFC 7518, 3.3 and 3.5). All others are refused, `none` and HMAC with a public key included. */
const PADDING: Readonly<Record<string, object>> = Object.freeze({
  RS256: { padding: constants.RSA_PKCS1_PADDING },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
});

/** Whether an RSA key signed the token with one of `algorithms`: `RS256`, `PS256`. */
export function isSignedBy({ header, signed, signature }: Jwt, key: KeyObject, algorithms: readonly string[]): boolean {
  const { alg } = header;
  if (typeof alg !== "string" || !algorithms.includes(alg) || key.asymmetricKeyType !== "rsa") return false;
  return verify("sha256", Buffer.from(signed), { key, ...PADDING[alg] }, signature);
}
