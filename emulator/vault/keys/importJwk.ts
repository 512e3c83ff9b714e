import { createECDH, sign, verify } from "node:crypto";
import { badParameter } from "../vaultErrors";
import { bytesOf } from "./base64url";
import { findCurve } from "./curves";
import { type KeyMaterial, materialOfJwk, RSA_SIZES } from "./keyMaterial";

type Jwk = Readonly<Record<string, unknown>>;

const RSA_MEMBERS = ["n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;

function readRsa(jwk: Jwk): KeyMaterial {
  const members = RSA_MEMBERS.map((name) => [name, bytesOf(jwk, name, "key.").toString("base64url")]);
  const material = parsed({ kty: "RSA", ...Object.fromEntries(members) });
  const bits = material.privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (!RSA_SIZES.includes(bits)) {
    throw badParameter(`Unsupported key size (${bits}). Supported sizes are [${RSA_SIZES.join(", ")}].`);
  }
  return material;
}

function readEc(jwk: Jwk): KeyMaterial {
  const curve = findCurve(jwk.crv);
  if (curve === undefined) throw badParameter(`Invalid crv value: ${String(jwk.crv).slice(0, 40)}`);
  const members = ["x", "y", "d"].map((name) => {
    const bytes = bytesOf(jwk, name, "key.");
    // At the curve's whole length (RFC 7518, 6.2): some writers leave out leading zeros.
    const lead = Buffer.alloc(Math.max(0, curve.bytes - bytes.length));
    return [name, Buffer.concat([lead, bytes]).toString("base64url")];
  });
  return parsed({ kty: "EC", crv: curve.jwk, ...Object.fromEntries(members) });
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
export function readPrivateJwk(jwk: Jwk, family: "RSA" | "EC"): KeyMaterial {
  return family === "RSA" ? readRsa(jwk) : readEc(jwk);
}
