import { createHmac, createPrivateKey, timingSafeEqual } from "node:crypto";
import { type ContentInfo, id_data, id_encryptedData } from "@peculiar/asn1-cms";
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_keyBag,
  id_pkcs8ShroudedKeyBag,
  id_x509Certificate,
  type MacData,
  PFX,
  PKCS8ShroudedKeyBag,
  type SafeBag,
  SafeContents,
} from "@peculiar/asn1-pfx";
import { Certificate } from "../certificate";
import { CertsError } from "../errors";
import { type PrivateKey, privateKeyOf } from "../keys";
import { EncryptedData, parse, parseOctetString } from "./asn1";
import { type Decrypt, decryption, Rounds, wrongPassphrase } from "./decrypt";
import { derive, PURPOSE } from "./derive";

/** What a PKCS#12 file holds. */
export interface Pkcs12 {
  /** Undefined when there is none. */
  readonly key: PrivateKey | undefined;
  /** The key's certificate first, the others in the file's order. */
  readonly certificates: readonly Certificate[];
}

const MAC_HASHES: Readonly<Record<string, { readonly hash: string; readonly length: number }>> = Object.freeze({
  "1.3.14.3.2.26": { hash: "sha1", length: 20 },
  "2.16.840.1.101.3.4.2.1": { hash: "sha256", length: 32 },
  "2.16.840.1.101.3.4.2.2": { hash: "sha384", length: 48 },
  "2.16.840.1.101.3.4.2.3": { hash: "sha512", length: 64 },
});

/** Prepares the check of the MAC, which throws `wrongPassphrase`. */
function macCheck({ mac, macSalt, iterations }: MacData, safe: Buffer, rounds: Rounds) {
  const oid = mac.digestAlgorithm.algorithm;
  const known = MAC_HASHES[oid];
  if (known === undefined) {
    throw new CertsError("unsupportedEncryption", `The PKCS#12 file has a MAC of kind ${oid}, which is not supported`);
  }
  const derivation = { ...known, salt: Buffer.from(macSalt.buffer), iterations: rounds.add(iterations) };
  const expected = Buffer.from(mac.digest.buffer);
  return (passphrase: string | undefined): void => {
    const key = derive({ ...derivation, passphrase, purpose: PURPOSE.mac });
    const actual = createHmac(known.hash, key).update(safe).digest();
    if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) throw wrongPassphrase();
  };
}

/** A bag, with the decryption of its key if it has one. */
interface Bag {
  readonly bag: SafeBag;
  readonly decrypt?: Decrypt;
}

function bagsOf(safeContents: Buffer, rounds: Rounds): Bag[] {
  return parse(safeContents, SafeContents).map((bag) => {
    if (bag.bagId !== id_pkcs8ShroudedKeyBag) return { bag };
    const { encryptionAlgorithm, encryptedData } = parse(bag.bagValue, PKCS8ShroudedKeyBag);
    return { bag, decrypt: decryption(encryptionAlgorithm, Buffer.from(encryptedData.buffer), rounds) };
  });
}

/** Prepares the bags of one part of the safe; those of an encrypted part are read when it is opened. */
function partOf({ contentType, content }: ContentInfo, rounds: Rounds): (passphrase: string | undefined) => Bag[] {
  if (contentType === id_data) {
    const bags = bagsOf(parseOctetString(content), rounds);
    return () => bags;
  }
  if (contentType !== id_encryptedData) {
    throw new CertsError(
      "unsupportedEncryption",
      "The PKCS#12 file is encrypted for a public key, not by a passphrase",
    );
  }
  const { contentEncryptionAlgorithm, encryptedContent } = parse(content, EncryptedData).encryptedContentInfo;
  const pieces = encryptedContent?.constructedValue ?? [encryptedContent?.value ?? { buffer: new ArrayBuffer(0) }];
  const encrypted = Buffer.concat(pieces.map(({ buffer }) => Buffer.from(buffer)));
  const decrypt = decryption(contentEncryptionAlgorithm, encrypted, rounds);
  return (passphrase) => bagsOf(decrypt(passphrase), rounds);
}

function readKey(der: Buffer): PrivateKey {
  try {
    return privateKeyOf(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  } catch (cause) {
    if (cause instanceof CertsError) throw cause;
    throw new CertsError("malformed", "The private key in the PKCS#12 file cannot be read", { cause });
  }
}

function contentsOf(bags: readonly Bag[], passphrase: string | undefined): Pkcs12 {
  const keys: PrivateKey[] = [];
  const certificates: Certificate[] = [];
  for (const { bag, decrypt } of bags) {
    if (decrypt !== undefined) keys.push(readKey(decrypt(passphrase)));
    else if (bag.bagId === id_keyBag) keys.push(readKey(Buffer.from(bag.bagValue)));
    else if (bag.bagId === id_certBag) {
      const { certId, certValue } = parse(bag.bagValue, CertBag);
      if (certId === id_x509Certificate) certificates.push(new Certificate(parseOctetString(certValue)));
    }
  }
  const [key] = keys;
  if (keys.length > 1) {
    throw new CertsError("severalKeys", `The PKCS#12 file holds ${keys.length} private keys; only one is supported`);
  }
  const own = certificates.filter(({ spki }) => key !== undefined && spki.equals(key.publicKey));
  return { key, certificates: [...own, ...certificates.filter((each) => !own.includes(each))] };
}

/** Whether bytes look like a PKCS#12 file: a SEQUENCE that begins with version 3. */
export function looksLikePkcs12(bytes: Uint8Array): boolean {
  const [tag, length = 0] = bytes;
  // A first byte of the length above 0x80 counts the bytes that follow (X.690, 8.1.3).
  const start = length > 0x80 ? 2 + (length & 0x7f) : 2;
  return tag === 0x30 && Buffer.from([2, 1, 3]).equals(bytes.subarray(start, start + 3));
}

/**
 * Reads a PKCS#12 file, BER or DER. The passphrase must verify its MAC; without a MAC, as some programs write, the
 * decryption is the only check. Under an empty passphrase both derivations that programs use are tried. Throws
 * `wrongPassphrase`, `malformed`, `unsupportedEncryption` (also before any work, for a file that asks for too many
 * rounds of key derivation), `unsupportedKey`, and `severalKeys` for a file of more than one key.
 */
export function readPkcs12(bytes: Uint8Array, passphrase: string): Pkcs12 {
  if (!looksLikePkcs12(bytes)) throw new CertsError("malformed", "This is not a PKCS#12 file");
  const { authSafe, macData } = parse(bytes, PFX);
  if (authSafe.contentType !== id_data) {
    throw new CertsError("unsupportedEncryption", "The PKCS#12 file is signed by a public key, not by a passphrase");
  }
  const safe = parseOctetString(authSafe.content);
  const rounds = new Rounds();
  // Without a MAC the schema leaves its default there.
  const hasMac = macData !== undefined && macData.mac.digestAlgorithm.algorithm !== "";
  const checkMac = hasMac ? macCheck(macData, safe, rounds) : undefined;
  const parts = parse(safe, AuthenticatedSafe).map((info) => partOf(info, rounds));
  const read = (form: string | undefined): Pkcs12 => {
    checkMac?.(form);
    return contentsOf(
      parts.flatMap((part) => part(form)),
      form,
    );
  };
  try {
    return read(passphrase);
  } catch (error) {
    if (passphrase !== "" || !(error instanceof CertsError) || error.code !== "wrongPassphrase") throw error;
    return read(undefined);
  }
}
