import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { decodeOid, decodeSmallInteger, type Element, expectTag, readChildren, TAG } from "../der";
import { CertsError } from "../errors";
import { derive, PURPOSE } from "./derive";
import { OIDS } from "./oids";

/** Programs write thousands, the most careful a million for each part of a file. */
const MOST_ROUNDS = 4_000_000;

/** Rounds of derivation that one file may ask for, all its parts together: a bound on the work of a hostile one. */
export class Rounds {
  #left = MOST_ROUNDS;

  /** The rounds of one derivation. Throws `malformed` for none or too many. */
  read(element: Element | undefined): number {
    return this.take(decodeSmallInteger(expectTag(element, TAG.integer).content));
  }

  /** As above, of a number that is known. */
  take(rounds: number): number {
    this.#left -= rounds;
    if (rounds >= 1 && this.#left >= 0) return rounds;
    throw new CertsError("malformed", `A PKCS#12 file with ${rounds} rounds of derivation`);
  }
}

const CIPHERS: Readonly<Record<string, { readonly name: string; readonly length: number }>> = Object.freeze({
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", length: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", length: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", length: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", length: 24 },
});

const PRFS: Readonly<Record<string, string>> = Object.freeze({
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
});

function unsupported(what: string): CertsError {
  return new CertsError(
    "unsupportedEncryption",
    `The PKCS#12 file uses ${what}, which is not read here: convert it with 'openssl pkcs12 -legacy', or export it anew with AES`,
  );
}

interface Opened {
  readonly cipher: string;
  readonly key: Buffer;
  readonly iv: Buffer;
}

function pbes2(parameters: Element | undefined, passphrase: string, rounds: Rounds): Opened {
  const [kdf, scheme] = readChildren(expectTag(parameters, TAG.sequence).content);
  const [kdfOid, kdfParameters] = readChildren(expectTag(kdf, TAG.sequence).content);
  if (decodeOid(expectTag(kdfOid, TAG.oid).content) !== OIDS.pbkdf2)
    throw unsupported("a derivation other than PBKDF2");
  const [salt, iterations, ...more] = readChildren(expectTag(kdfParameters, TAG.sequence).content);
  const prf = more.find(({ tag }) => tag === TAG.sequence);
  const prfOid = prf && decodeOid(expectTag(readChildren(prf.content)[0], TAG.oid).content);
  const hash = prfOid === undefined ? "sha1" : PRFS[prfOid];
  const [cipherOid, iv] = readChildren(expectTag(scheme, TAG.sequence).content);
  const cipher = CIPHERS[decodeOid(expectTag(cipherOid, TAG.oid).content)];
  if (hash === undefined || cipher === undefined) throw unsupported("a cipher other than AES or Triple DES");
  const saltOctets = expectTag(salt, TAG.octetString).content;
  const key = pbkdf2Sync(passphrase, saltOctets, rounds.read(iterations), cipher.length, hash);
  return { cipher: cipher.name, key, iv: expectTag(iv, TAG.octetString).content };
}

function tripleDes(parameters: Element | undefined, passphrase: string, rounds: Rounds): Opened {
  const [salt, iterations] = readChildren(expectTag(parameters, TAG.sequence).content);
  const common = {
    hash: "sha1",
    passphrase,
    salt: expectTag(salt, TAG.octetString).content,
    iterations: rounds.read(iterations),
  };
  // Key and initialisation vector are derived one after the other.
  rounds.take(common.iterations);
  return {
    cipher: "des-ede3-cbc",
    key: derive({ ...common, purpose: PURPOSE.key, length: 24 }),
    iv: derive({ ...common, purpose: PURPOSE.iv, length: 8 }),
  };
}

/**
 * Decrypts what a passphrase encrypted by the AlgorithmIdentifier `algorithm`: PBES2 (RFC 8018) with AES or Triple DES,
 * or PKCS#12's own Triple DES. Throws `unsupportedEncryption`, `malformed`, `wrongPassphrase`.
 */
export function decrypt(algorithm: Element | undefined, encrypted: Buffer, passphrase: string, rounds: Rounds): Buffer {
  const [oid, parameters] = readChildren(expectTag(algorithm, TAG.sequence).content);
  const name = decodeOid(expectTag(oid, TAG.oid).content);
  if (name !== OIDS.pbes2 && name !== OIDS.sha1And3Des) throw unsupported(`an old encryption (${name})`);
  const open = name === OIDS.pbes2 ? pbes2 : tripleDes;
  const { cipher, key, iv } = open(parameters, passphrase, rounds);
  try {
    const decipher = createDecipheriv(cipher, key, iv);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch (cause) {
    throw new CertsError("wrongPassphrase", "The passphrase does not open the PKCS#12 file, or it is damaged", {
      cause,
    });
  }
}
