import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { keyFingerprint } from "../users/publicKey";

const ALGORITHM = "ssh-ed25519";

/** A string of the SSH protocol (RFC 4251, section 5): its length in four bytes, and its bytes. */
function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const PREFIX = sshString(Buffer.from(ALGORITHM));

/** The public half of an Ed25519 key in OpenSSH's format, `ssh-ed25519 AAAA…` (RFC 8709), without a comment. */
export function publicKeyText(key: KeyObject): string {
  const raw = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
  return `${ALGORITHM} ${Buffer.concat([PREFIX, sshString(raw)]).toString("base64")}`;
}

/** Reads an Ed25519 public key in OpenSSH's format or PEM. Errors: TypeError. */
export function readPublicKey(text: string): KeyObject {
  const [algorithm, blob = ""] = text.trim().split(/\s+/);
  if (algorithm === ALGORITHM) {
    const raw = Buffer.from(blob, "base64").subarray(PREFIX.length + 4);
    const key = { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") };
    if (raw.length === 32) return createPublicKey({ key, format: "jwk" });
  } else if (/^-----BEGIN PUBLIC KEY-----/.test(text.trim())) {
    const key = createPublicKey(text);
    if (key.asymmetricKeyType === "ed25519") return key;
  }
  throw new TypeError("no Ed25519 public key in OpenSSH's format or PEM");
}

/** The fingerprint that `ssh-keygen -l` prints of a public key in OpenSSH's format: `SHA256:…`. */
export function fingerprintOf(publicKey: string): string {
  return keyFingerprint(Buffer.from(publicKey.split(" ")[1] ?? "", "base64"));
}

/** Signs lines of text; returns base64. Every kind of text begins with a line of its own, so that none passes for another. */
export function signLines(key: KeyObject, lines: readonly (string | number)[]): string {
  return sign(null, Buffer.from(lines.join("\n")), key).toString("base64");
}

/** Whether a signature on lines of text is of this key, in OpenSSH's format. Another spelling of key or signature is none. */
export function isSignedBy(publicKey: string, lines: readonly (string | number)[], signature: string): boolean {
  try {
    const [key, bytes] = [readPublicKey(publicKey), Buffer.from(signature, "base64")];
    const isCanonical = publicKeyText(key) === publicKey && bytes.toString("base64") === signature;
    return isCanonical && verify(null, Buffer.from(lines.join("\n")), key, bytes);
  } catch {
    return false;
  }
}
