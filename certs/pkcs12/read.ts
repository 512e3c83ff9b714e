import { createHmac, createPrivateKey, timingSafeEqual } from "node:crypto";
import { Certificate } from "../certificate";
import { decodeOid, decodeSmallInteger, type Element, expectTag, readChildren, readWhole, TAG } from "../der";
import { CertsError } from "../errors";
import { type PrivateKey, privateKeyOf } from "../keys";
import { decrypt, Rounds } from "./decrypt";
import { derive, PURPOSE } from "./derive";
import { OIDS } from "./oids";

/** What a PKCS#12 file holds. */
export interface Pkcs12 {
  /** Undefined when there is none. */
  readonly key: PrivateKey | undefined;
  /** The key's certificate first, then as they stand in the file. */
  readonly certificates: readonly Certificate[];
}

const MAC_HASHES: Readonly<Record<string, { readonly hash: string; readonly length: number }>> = Object.freeze({
  "1.3.14.3.2.26": { hash: "sha1", length: 20 },
  [OIDS.sha256]: { hash: "sha256", length: 32 },
  "2.16.840.1.101.3.4.2.2": { hash: "sha384", length: 48 },
  "2.16.840.1.101.3.4.2.3": { hash: "sha512", length: 64 },
});

const oidOf = (element: Element | undefined): string => decodeOid(expectTag(element, TAG.oid).content);
const childrenOf = (element: Element | undefined, tag: number = TAG.sequence): Element[] =>
  readChildren(expectTag(element, tag).content);

function checkMac(macData: Element | undefined, safe: Buffer, passphrase: string, rounds: Rounds): void {
  const [info, salt, iterations] = childrenOf(macData);
  const [algorithm, expected] = childrenOf(info);
  const oid = oidOf(childrenOf(algorithm)[0]);
  const known = MAC_HASHES[oid];
  if (known === undefined) {
    throw new CertsError("unsupportedEncryption", `The PKCS#12 file has a MAC of kind ${oid}, which is not read here`);
  }
  const key = derive({
    ...known,
    passphrase,
    salt: expectTag(salt, TAG.octetString).content,
    // DEFAULT 1 (RFC 7292, 4).
    iterations: iterations === undefined ? 1 : rounds.read(iterations),
    purpose: PURPOSE.mac,
  });
  const mac = createHmac(known.hash, key).update(safe).digest();
  const said = expectTag(expected, TAG.octetString).content;
  if (said.length === mac.length && timingSafeEqual(said, mac)) return;
  throw new CertsError("wrongPassphrase", "The passphrase does not open the PKCS#12 file, or it is damaged");
}

/** The bags of one ContentInfo of the safe. */
function bagsOf(info: Element, passphrase: string, rounds: Rounds): Element[] {
  const [type, wrapped] = childrenOf(info);
  const inner = childrenOf(wrapped, 0xa0)[0];
  if (oidOf(type) === OIDS.data) return childrenOf(readWhole(expectTag(inner, TAG.octetString).content));
  if (oidOf(type) !== OIDS.encryptedData) {
    throw new CertsError(
      "unsupportedEncryption",
      "The PKCS#12 file is encrypted for a public key, not by a passphrase",
    );
  }
  const [, algorithm, encrypted] = childrenOf(childrenOf(inner)[1]);
  return childrenOf(readWhole(decrypt(algorithm, expectTag(encrypted, 0x80).content, passphrase, rounds)));
}

function readKey(der: Buffer): PrivateKey {
  try {
    return privateKeyOf(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  } catch (cause) {
    if (cause instanceof CertsError) throw cause;
    throw new CertsError("malformed", "The private key in the PKCS#12 file cannot be read", { cause });
  }
}

/** The key of an EncryptedPrivateKeyInfo (RFC 5208, 6); OpenSSL would set no bound on the rounds. */
function readShrouded(value: Element | undefined, passphrase: string, rounds: Rounds): PrivateKey {
  const [algorithm, encrypted] = childrenOf(value);
  return readKey(decrypt(algorithm, expectTag(encrypted, TAG.octetString).content, passphrase, rounds));
}

/** Whether octets look like a PKCS#12 file: a SEQUENCE that begins with version 3. */
export function looksLikePkcs12(bytes: Buffer): boolean {
  try {
    const [version] = readChildren(readWhole(bytes, TAG.sequence).content);
    return version?.tag === TAG.integer && decodeSmallInteger(version.content) === 3;
  } catch {
    return false;
  }
}

/**
 * Reads a PKCS#12 file whose MAC the passphrase verifies; without a MAC, as some programs write, the decryption is the
 * only check. Throws `wrongPassphrase`, `malformed`, `unsupportedEncryption`, `unsupportedKey`, and `severalKeys` for a
 * file of more than one key.
 */
export function readPkcs12(bytes: Uint8Array, passphrase: string): Pkcs12 {
  const whole = Buffer.from(bytes);
  if (!looksLikePkcs12(whole)) throw new CertsError("malformed", "This is no PKCS#12 file in DER");
  const [, authSafe, macData] = childrenOf(readWhole(whole));
  const [type, wrapped] = childrenOf(authSafe);
  if (oidOf(type) !== OIDS.data) {
    throw new CertsError("unsupportedEncryption", "The PKCS#12 file is signed by a public key, not by a passphrase");
  }
  const safe = expectTag(childrenOf(wrapped, 0xa0)[0], TAG.octetString).content;
  const rounds = new Rounds();
  if (macData !== undefined) checkMac(macData, safe, passphrase, rounds);
  const keys: PrivateKey[] = [];
  const certificates: Certificate[] = [];
  for (const bag of childrenOf(readWhole(safe)).flatMap((info) => bagsOf(info, passphrase, rounds))) {
    const [kind, wrappedValue] = childrenOf(bag);
    const value = childrenOf(wrappedValue, 0xa0)[0];
    const bagType = oidOf(kind);
    if (bagType === OIDS.keyBag) keys.push(readKey(expectTag(value, TAG.sequence).raw));
    else if (bagType === OIDS.shroudedKeyBag) keys.push(readShrouded(value, passphrase, rounds));
    else if (bagType === OIDS.certBag) {
      const [certificateType, octets] = childrenOf(value);
      if (oidOf(certificateType) !== OIDS.x509Certificate) continue;
      certificates.push(new Certificate(expectTag(childrenOf(octets, 0xa0)[0], TAG.octetString).content));
    }
  }
  const [key, ...more] = keys;
  if (more.length > 0) {
    throw new CertsError("severalKeys", `The PKCS#12 file holds ${keys.length} private keys; one is read here`);
  }
  const own = certificates.filter(({ spki }) => key !== undefined && spki.equals(key.publicKey));
  return { key, certificates: [...own, ...certificates.filter((each) => !own.includes(each))] };
}
