import { createPrivateKey, createPublicKey, generateKeyPair as generate, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { algorithmOf, type KeyAlgorithm, type KeyAlgorithmName, keyAlgorithm } from "./algorithms";
import { detachedKey } from "./detachedKey";
import { checkKeyRounds } from "./encryptedKey";
import { CertsError } from "./errors";
import { refuseOtherKind } from "./fileKind";
import { decodeBase64, looksLikePem, parsePem } from "./pem";
import { refuseExplicitCurve } from "./publicKey";
import { areRsaMembersConsistent } from "./rsaMembers";

/** A private key in memory with its algorithm and public half. Nothing of it prints: KeyObject shows no material. */
export interface PrivateKey {
  readonly algorithm: KeyAlgorithm;
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
}

const generateAsync = promisify(generate);

/** The private key object with what belongs to it. Throws `unsupportedKey` for a key outside the table of algorithms. */
export function privateKeyOf(key: KeyObject): PrivateKey {
  if (key.type !== "private") throw new TypeError(`A private key is needed, this is a ${key.type} key`);
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  refuseExplicitCurve(publicKey);
  if (key.asymmetricKeyType === "rsa" && !areRsaMembersConsistent(key.export({ format: "jwk" }))) {
    throw new CertsError("malformed", "The members of the RSA private key do not belong together");
  }
  return Object.freeze({ algorithm: algorithmOf(key), key, publicKey });
}

/** A new key. RSA-4096 takes seconds on a small machine; elliptic curves take well under a millisecond. */
export async function generateKeyPair(name: KeyAlgorithmName): Promise<PrivateKey> {
  const algorithm = keyAlgorithm(name);
  const { privateKey } =
    algorithm.family === "rsa"
      ? await generateAsync("rsa", { modulusLength: algorithm.modulusLength, publicExponent: 0x10001 })
      : await generateAsync("ec", { namedCurve: algorithm.namedCurve });
  return privateKeyOf(detachedKey(privateKey));
}

/**
 * The key as PKCS#8 PEM. With a passphrase: EncryptedPrivateKeyInfo, PBES2 with AES-256-CBC (RFC 8018). An empty
 * passphrase is a caller's mistake (`TypeError`): it would look protected and be open.
 */
export function exportPrivateKey(key: PrivateKey, passphrase?: string): string {
  if (passphrase === undefined) return key.key.export({ type: "pkcs8", format: "pem" }).toString();
  if (passphrase === "") throw new TypeError("An empty passphrase protects nothing: leave it out or give one");
  return key.key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }).toString();
}

const KEY_LABEL = /^(?:(?:RSA |EC |ENCRYPTED )?PRIVATE KEY)$/;

/**
 * Reads the one private key of a PEM text: PKCS#8, encrypted PKCS#8, SEC1 or PKCS#1, the last two also in OpenSSL's
 * old encrypted form. Other blocks (`EC PARAMETERS`, certificates) are passed over.
 * Throws `noPrivateKey`, `severalKeys`, `passphraseNeeded`, `wrongPassphrase`, `malformed`, `unsupportedKey`. No message or cause
 * carries the key's text or the passphrase.
 */
export function readPrivateKey(pem: string, passphrase?: string): PrivateKey {
  refuseOtherKind(pem);
  const [block, ...more] = looksLikePem(pem) ? parsePem(pem).filter(({ label }) => KEY_LABEL.test(label)) : [];
  if (more.length > 0) {
    throw new CertsError("severalKeys", `The text holds ${more.length + 1} private keys. To fix: leave one in it`);
  }
  if (block === undefined) throw new CertsError("noPrivateKey", "The text holds no PEM private key");
  const encrypted = block.label.startsWith("ENCRYPTED") || block.text.includes("Proc-Type: 4,ENCRYPTED");
  if (encrypted && (passphrase === undefined || passphrase === "")) {
    throw new CertsError("passphraseNeeded", "The private key is encrypted: give its passphrase");
  }
  if (block.label.startsWith("ENCRYPTED")) checkKeyRounds(decodeBase64(block.base64));
  let key: KeyObject;
  try {
    key = createPrivateKey(encrypted && passphrase !== undefined ? { key: block.text, passphrase } : block.text);
  } catch (cause) {
    // A wrong passphrase decrypts to noise, which OpenSSL reports as anything from bad padding to bad ASN.1; so every
    // failure of an encrypted key is reported as this one.
    throw encrypted
      ? new CertsError("wrongPassphrase", "The passphrase does not open the private key, or the key is damaged", {
          cause,
        })
      : new CertsError("malformed", "The private key cannot be read", { cause });
  }
  return privateKeyOf(key);
}
