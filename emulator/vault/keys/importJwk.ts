import { createECDH, sign, verify } from "node:crypto";
import { badParameter } from "../vaultErrors";
import { fromBase64url } from "./base64url";
import { type Curve, findCurve } from "./curves";
import { type KeyMaterial, materialOfJwk, RSA_SIZES } from "./keyMaterial";

const RSA_MEMBERS = ["n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;

function readMembers(jwk: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, string> {
  const read: Record<string, string> = {};
  for (const name of names) {
    const bytes = fromBase64url(jwk[name]);
    // The value is private: the message contains only the member's name.
    if (bytes === undefined || bytes.length === 0) {
      throw badParameter(`Property key.${name} must be base64url without padding, and not empty.`);
    }
    read[name] = bytes.toString("base64url");
  }
  return read;
}

function readRsa(jwk: Readonly<Record<string, unknown>>): KeyMaterial {
  const material = parsed({ kty: "RSA", ...readMembers(jwk, RSA_MEMBERS) });
  const bits = material.privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (!RSA_SIZES.includes(bits)) {
    throw badParameter(`Unsupported key size (${bits}). Supported sizes are [${RSA_SIZES.join(", ")}].`);
  }
  return material;
}

function readEc(jwk: Readonly<Record<string, unknown>>): KeyMaterial {
  const curve = findCurve(jwk.crv);
  if (curve === undefined) throw badParameter(`Invalid crv value: ${String(jwk.crv).slice(0, 40)}`);
  return parsed({ kty: "EC", crv: curve.jwk, ...padded(readMembers(jwk, ["x", "y", "d"]), curve) });
}

/** Coordinates and the scalar at the curve's whole length (RFC 7518, 6.2): some writers leave out leading zeros. */
function padded(members: Readonly<Record<string, string>>, { bytes }: Curve): Record<string, string> {
  const full = (text: string): string => {
    const number = Buffer.from(text, "base64url");
    const lead = Buffer.alloc(Math.max(0, bytes - number.length));
    return Buffer.concat([lead, number]).toString("base64url");
  };
  return Object.fromEntries(Object.entries(members).map(([name, text]) => [name, full(text)]));
}

function parsed(jwk: Readonly<Record<string, string>>): KeyMaterial {
  let material: KeyMaterial | undefined;
  try {
    material = materialOfJwk(jwk);
  } catch {
    // OpenSSL's reason may contain the input.
  }
  if (material === undefined || !isWhole(material, jwk)) {
    throw badParameter("The key material is invalid: its members do not make one key pair.");
  }
  return material;
}

/** Returns whether private and public key match, which OpenSSL does not check. */
function isWhole({ privateKey, publicKey, curve }: KeyMaterial, jwk: Readonly<Record<string, string>>): boolean {
  const bytes = (member: string): Buffer => Buffer.from(jwk[member] ?? "", "base64url");
  try {
    if (curve === undefined) {
      const number = (member: string): bigint => BigInt(`0x${bytes(member).toString("hex")}`);
      // OpenSSL signs by n and d when the primes do not fit.
      if (number("p") * number("q") !== number("n")) return false;
      const probe = Buffer.from("probe");
      return verify("sha256", probe, publicKey, sign("sha256", probe, privateKey));
    }
    const ecdh = createECDH(curve.openssl);
    ecdh.setPrivateKey(bytes("d"));
    return ecdh.getPublicKey().equals(Buffer.concat([Buffer.of(4), bytes("x"), bytes("y")]));
  } catch {
    return false;
  }
}

/**
 * Reads the private JWK of an import: RSA with all eight members, EC with x, y and d. Throws 400 BadParameter for missing
 * members, invalid base64url and mismatched key pairs; no message contains a value.
 */
export function readPrivateJwk(jwk: Readonly<Record<string, unknown>>, family: "RSA" | "EC"): KeyMaterial {
  return family === "RSA" ? readRsa(jwk) : readEc(jwk);
}
