import { createHash } from "node:crypto";
import type { ParsedKey } from "ssh2";
import { OperatorError } from "../operatorError";

/** Key types that are strong enough, as OpenSSH names them. */
const TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

const SMALLEST_RSA_BYTES = 2048 / 8;

/** ssh2, loaded at its first use: the commands of the stack do not need it. */
export const ssh2 = (): typeof import("ssh2") => require("ssh2") as typeof import("ssh2");

/** Fingerprint of a public key in SSH's wire format, as OpenSSH prints it: `SHA256:` and base64 without padding. */
export function keyFingerprint(wire: Buffer): string {
  return `SHA256:${createHash("sha256").update(wire).digest("base64").replace(/=+$/, "")}`;
}

/** Reads a line of an authorized_keys file, without options. Errors: OperatorError ParameterInvalid. */
export function readPublicKey(line: string): ParsedKey {
  const invalid = (why: string): OperatorError =>
    new OperatorError(
      "ParameterInvalid",
      `The public key ${why}.`,
      "give the content of a file such as id_ed25519.pub, in quotes",
    );
  const parsed = ssh2().utils.parseKey(line.trim());
  if (parsed instanceof Error || Array.isArray(parsed)) throw invalid("is not in OpenSSH's format");
  if (parsed.isPrivateKey()) throw invalid("is a private key, which must not leave its owner's machine");
  if (!TYPES.includes(parsed.type)) throw invalid(`has the type ${parsed.type}, not one of ${TYPES.join(", ")}`);
  if (parsed.type === "ssh-rsa" && modulusBytes(parsed.getPublicSSH()) < SMALLEST_RSA_BYTES) {
    throw invalid("is an RSA key of fewer than 2048 bits");
  }
  return parsed;
}

/** Length of the modulus in the wire format of an RSA key: type, exponent, modulus, each after its length (RFC 4253 6.6). */
function modulusBytes(wire: Buffer): number {
  const exponentAt = 4 + wire.readUInt32BE(0);
  const modulusAt = exponentAt + 4 + wire.readUInt32BE(exponentAt);
  return wire.readUInt32BE(modulusAt);
}
