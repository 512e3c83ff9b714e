import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { promisify } from "node:util";
import { detachedKey } from "../../../certs/detachedKey";
import { areRsaMembersConsistent } from "../../../certs/rsaMembers";
import { bytesOf } from "../objects/objectRequest";
import { badParameter } from "../vaultErrors";
import { CURVES, type Curve, findCurve } from "./curves";

/** The public half of a key as a JWK (RFC 7517): base64url without padding. */
export type PublicJwk =
  | { readonly kty: "RSA"; readonly n: string; readonly e: string }
  | { readonly kty: "EC"; readonly crv: string; readonly x: string; readonly y: string };

/** A private key in memory, parsed once, in the forms that operations need. It is never written anywhere unsealed. */
export interface KeyMaterial {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: PublicJwk;
  /** Undefined for RSA. */
  readonly curve: Curve | undefined;
  /** The private scalar of an EC key; 0 for RSA. */
  readonly d: bigint;
}

const generate = promisify(generateKeyPair);

/** Supported sizes of RSA keys, in bits. */
export const RSA_SIZES: readonly number[] = Object.freeze([2048, 3072, 4096]);

/** Sizes of RSA keys that an import takes. */
const IMPORTED_SIZES: readonly number[] = Object.freeze([1024, ...RSA_SIZES]);

/** Returns the material of a private key. Throws a `TypeError` for an unsupported key. */
export function materialOf(privateKey: KeyObject): KeyMaterial {
  const publicKey = createPublicKey(privateKey);
  const jwk = privateKey.export({ format: "jwk" });
  if (privateKey.asymmetricKeyType === "rsa") {
    const { n = "", e = "" } = jwk;
    return { privateKey, publicKey, jwk: { kty: "RSA", n, e }, curve: undefined, d: 0n };
  }
  const curve = Object.values(CURVES).find(({ openssl }) => openssl === privateKey.asymmetricKeyDetails?.namedCurve);
  if (curve === undefined) throw new TypeError("a vault holds RSA keys and EC keys of its curves");
  const { x = "", y = "", d = "" } = jwk;
  const scalar = BigInt(`0x${Buffer.from(d, "base64url").toString("hex")}`);
  return { privateKey, publicKey, jwk: { kty: "EC", crv: curve.name, x, y }, curve, d: scalar };
}

/** A new RSA key of `bits` with the exponent 65537. */
export async function generateRsa(bits: number): Promise<KeyMaterial> {
  return materialOf(detachedKey((await generate("rsa", { modulusLength: bits, publicExponent: 0x10001 })).privateKey));
}

/** A new key on a curve. */
export async function generateEc(curve: Curve): Promise<KeyMaterial> {
  return materialOf(detachedKey((await generate("ec", { namedCurve: curve.openssl })).privateKey));
}

/** PKCS#8 DER, to be sealed. */
export const exportMaterial = ({ privateKey }: KeyMaterial): Buffer =>
  privateKey.export({ format: "der", type: "pkcs8" });

/** Imports the result of {@link exportMaterial}. */
export const importMaterial = (der: Buffer): KeyMaterial =>
  materialOf(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));

/** Imports a private JWK. Throws the errors of node:crypto. */
const materialOfJwk = (jwk: JsonWebKey): KeyMaterial => materialOf(createPrivateKey({ key: jwk, format: "jwk" }));

type Jwk = Readonly<Record<string, unknown>>;

const RSA_MEMBERS = ["n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;

function readRsa(jwk: Jwk): KeyMaterial {
  const members = RSA_MEMBERS.map((name) => [name, bytesOf(jwk, name, "key.").toString("base64url")]);
  const material = parsed({ kty: "RSA", ...Object.fromEntries(members) });
  const bits = material.privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (!IMPORTED_SIZES.includes(bits)) {
    throw badParameter(`Unsupported key size (${bits}). Supported sizes are [${IMPORTED_SIZES.join(", ")}].`);
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
      if (!areRsaMembersConsistent(jwk)) return false;
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
