import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { readIfThere, readStored, writeWhole } from "../kernel/stateFile";

/** The key that signs Entra's tokens (RS256, RSA 2048). */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The key's name in tokens and in the key set: its thumbprint (RFC 7638). */
  readonly kid: string;
  /** Base64url, as in a JSON Web Key. */
  readonly modulus: string;
  readonly exponent: string;
}

function described(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  const { n = "", e = "" } = publicKey.export({ format: "jwk" });
  const kid = createHash("sha256")
    .update(JSON.stringify({ e, kty: "RSA", n }))
    .digest("base64url");
  return { privateKey, publicKey, kid, modulus: n, exponent: e };
}

/** A new key, not stored. */
export const newSigningKey = (): SigningKey =>
  described(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);

/** Opens a key (a file of mode 0600) in `directory`, and creates it the first time. Default file: Entra's key. */
export function openSigningKey(directory: string, name = "token-key.pem"): SigningKey {
  const file = join(directory, name);
  const pem = readIfThere(file);
  const remedy = "delete it; a new key is then created, and tokens of the old one end";
  if (pem !== undefined) return readStored(file, remedy, () => described(createPrivateKey(pem)));
  const made = newSigningKey();
  writeWhole(file, String(made.privateKey.export({ type: "pkcs8", format: "pem" })));
  return made;
}
