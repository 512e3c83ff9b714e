import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { detachedKey } from "../../certs/detachedKey";
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
  described(detachedKey(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey));

/** Entra's key. */
const TOKEN_KEY = "token-key.pem";

const store = (file: string, privateKey: KeyObject): void =>
  writeWhole(file, String(privateKey.export({ type: "pkcs8", format: "pem" })));

/** Creates Entra's key in another thread where there is none: the rest of a first start goes on meanwhile. */
export async function prepareSigningKey(directory: string): Promise<void> {
  const file = join(directory, TOKEN_KEY);
  if (existsSync(file)) return;
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  store(file, privateKey);
}

/** Opens a key (a file of mode 0600) in `directory`, and creates it the first time. Default file: Entra's key. */
export function openSigningKey(directory: string, name = TOKEN_KEY): SigningKey {
  const file = join(directory, name);
  const pem = readIfThere(file);
  const remedy = "delete it; a new key is then created, and tokens of the old one end";
  if (pem !== undefined) return readStored(file, remedy, () => described(createPrivateKey(pem)));
  const made = newSigningKey();
  store(file, made.privateKey);
  return made;
}
