import { createPrivateKey, createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { CURVES, type Curve } from "./curves";

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
  return materialOf((await generate("rsa", { modulusLength: bits, publicExponent: 0x10001 })).privateKey);
}

/** A new key on a curve. */
export async function generateEc(curve: Curve): Promise<KeyMaterial> {
  return materialOf((await generate("ec", { namedCurve: curve.openssl })).privateKey);
}

/** PKCS#8 DER, to be sealed. */
export const exportMaterial = ({ privateKey }: KeyMaterial): Buffer =>
  privateKey.export({ format: "der", type: "pkcs8" });

/** Imports the result of {@link exportMaterial}. */
export const importMaterial = (der: Buffer): KeyMaterial =>
  materialOf(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));

/** Imports a private JWK. Throws the errors of node:crypto. */
export const materialOfJwk = (jwk: JsonWebKey): KeyMaterial =>
  materialOf(createPrivateKey({ key: jwk, format: "jwk" }));
