import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import {
  id_pbeWithSHAAnd2_KeyTripleDES_CBC,
  id_pbeWithSHAAnd3_KeyTripleDES_CBC,
  id_pbeWithSHAAnd128BitRC2_CBC,
  id_pbewithSHAAnd40BitRC2_CBC,
} from "@peculiar/asn1-pfx";
import type { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { CertsError } from "../errors";
import { PbeParameters, Pbes2Parameters, Pbkdf2Parameters, parse, parseOctetString } from "./asn1";
import { derive, PURPOSE } from "./derive";
import { decryptRc2 } from "./rc2";

/**
 * Rounds of key derivation that one file may ask for, all its parts together: some ten seconds of work. OpenSSL writes
 * 2,048 a part, Windows 2,000, the most careful programs a million.
 */
export const MAX_ROUNDS = 4_000_000;

/** Counts the rounds that a file asks for, before they are run. */
export class Rounds {
  #sum = 0;

  /** The rounds of one part. Throws `malformed` for none, `unsupportedEncryption` beyond {@link MAX_ROUNDS} in all. */
  add(asked: number | string, derivations = 1): number {
    const rounds = Number(asked);
    if (!(rounds >= 1))
      throw new CertsError("malformed", `The PKCS#12 file asks for ${asked} rounds of key derivation`);
    this.#sum += rounds * derivations;
    if (this.#sum <= MAX_ROUNDS) return rounds;
    throw new CertsError(
      "unsupportedEncryption",
      `The PKCS#12 file asks for more than ${MAX_ROUNDS} rounds of key derivation, the limit. To fix: export it again with fewer, such as openssl pkcs12 -export -iter 100000`,
      { data: { limit: MAX_ROUNDS } },
    );
  }
}

/** Decrypts with a passphrase; `undefined` is the absent one of {@link derive}. Throws `wrongPassphrase`. */
export type Decrypt = (passphrase: string | undefined) => Buffer;

interface Cipher {
  /** node:crypto's name. */
  readonly name: string;
  /** Of the key, in bytes. */
  readonly length: number;
}

const PBE_CIPHERS: Readonly<Record<string, Cipher>> = Object.freeze({
  [id_pbeWithSHAAnd3_KeyTripleDES_CBC]: { name: "des-ede3-cbc", length: 24 },
  [id_pbeWithSHAAnd2_KeyTripleDES_CBC]: { name: "des-ede-cbc", length: 16 },
  [id_pbeWithSHAAnd128BitRC2_CBC]: { name: "rc2", length: 16 },
  [id_pbewithSHAAnd40BitRC2_CBC]: { name: "rc2", length: 5 },
});

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";

const PBES2_CIPHERS: Readonly<Record<string, Cipher>> = Object.freeze({
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
  const remedy = "To fix: convert it with openssl pkcs12 -legacy, or export it again with AES";
  return new CertsError("unsupportedEncryption", `The PKCS#12 file uses ${what}, which is not supported. ${remedy}`);
}

const parametersOf = ({ parameters }: AlgorithmIdentifier): ArrayBuffer => parameters ?? new ArrayBuffer(0);

function open(cipher: Cipher, key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  try {
    if (cipher.name === "rc2") return decryptRc2(key, iv, encrypted);
    const decipher = createDecipheriv(cipher.name, key, iv);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch (cause) {
    throw wrongPassphrase(cause);
  }
}

/** The error of a passphrase that does not open a file. */
export const wrongPassphrase = (cause?: unknown): CertsError =>
  new CertsError("wrongPassphrase", "The passphrase does not open the PKCS#12 file, or the file is damaged", { cause });

function pbes2(algorithm: AlgorithmIdentifier, encrypted: Buffer, rounds: Rounds): Decrypt {
  const { keyDerivationFunc, encryptionScheme } = parse(parametersOf(algorithm), Pbes2Parameters);
  if (keyDerivationFunc.algorithm !== PBKDF2) throw unsupported("a key derivation other than PBKDF2");
  const { salt, iterations, prf } = parse(parametersOf(keyDerivationFunc), Pbkdf2Parameters);
  const hash = prf === undefined ? "sha1" : PRFS[prf.algorithm];
  const cipher = PBES2_CIPHERS[encryptionScheme.algorithm];
  if (hash === undefined || cipher === undefined) throw unsupported("a cipher other than AES or Triple DES");
  const iv = parseOctetString(parametersOf(encryptionScheme));
  const count = rounds.add(iterations);
  return (passphrase = "") =>
    open(cipher, pbkdf2Sync(passphrase, Buffer.from(salt.buffer), count, cipher.length, hash), iv, encrypted);
}

function pbe(cipher: Cipher, algorithm: AlgorithmIdentifier, encrypted: Buffer, rounds: Rounds): Decrypt {
  const { salt, iterations } = parse(parametersOf(algorithm), PbeParameters);
  // Key and initialization vector are derived one after the other.
  const derivation = { hash: "sha1", salt: Buffer.from(salt.buffer), iterations: rounds.add(iterations, 2) };
  return (passphrase) => {
    const key = derive({ ...derivation, passphrase, purpose: PURPOSE.key, length: cipher.length });
    const iv = derive({ ...derivation, passphrase, purpose: PURPOSE.iv, length: 8 });
    return open(cipher, key, iv, encrypted);
  };
}

/**
 * Prepares a decryption and counts its rounds: PBES2 (RFC 8018) with AES or Triple DES, and PKCS#12's own Triple DES and
 * RC2. Throws `unsupportedEncryption`, `malformed`.
 */
export function decryption(algorithm: AlgorithmIdentifier, encrypted: Buffer, rounds: Rounds): Decrypt {
  if (algorithm.algorithm === PBES2) return pbes2(algorithm, encrypted, rounds);
  const cipher = PBE_CIPHERS[algorithm.algorithm];
  if (cipher === undefined) throw unsupported(`the old encryption ${algorithm.algorithm}`);
  return pbe(cipher, algorithm, encrypted, rounds);
}
