import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Certificate } from "../certificate";
import { encodeElement, TAG } from "../der";
import { encodeOid, encodeSmallInteger, NULL } from "../encode";
import { CertsError } from "../errors";
import type { PrivateKey } from "../keys";
import { derive, PURPOSE } from "./derive";
import { OIDS } from "./oids";

/** Rounds of the derivation for the MAC, as OpenSSL writes. */
const MAC_ITERATIONS = 2048;

const sequence = (...parts: readonly Uint8Array[]): Buffer => encodeElement(TAG.sequence, ...parts);
const octets = (content: Uint8Array): Buffer => encodeElement(TAG.octetString, content);
const explicit = (content: Uint8Array): Buffer => encodeElement(0xa0, content);
const content = (inner: Uint8Array): Buffer => sequence(encodeOid(OIDS.data), explicit(octets(inner)));

function attribute(oid: string, value: Uint8Array): Buffer {
  return sequence(encodeOid(oid), encodeElement(TAG.set, value));
}

function certificateBag(certificate: Certificate, attributes: readonly Buffer[]): Buffer {
  const value = sequence(encodeOid(OIDS.x509Certificate), explicit(octets(certificate.raw)));
  return sequence(encodeOid(OIDS.certBag), explicit(value), encodeElement(TAG.set, ...attributes));
}

/**
 * A PKCS#12 file (RFC 7292) of a private key and its chain, leaf first: the key encrypted by AES-256 (PBES2), the whole
 * under a MAC of SHA-256, which OpenSSL 1.1, Windows 10, macOS 12 and Java 8u301, or newer, read. The certificates stand
 * unencrypted: every TLS handshake shows them. An empty passphrase is a `TypeError`; to leave it out says that the file
 * is to protect nothing, as those in Key Vault's secrets do not. Without a key the file carries certificates alone.
 * Throws `signerMismatch` when the key is not the leaf's.
 */
export function writePkcs12(request: {
  readonly key: Pick<PrivateKey, "key" | "publicKey"> | undefined;
  readonly chain: readonly Certificate[];
  readonly passphrase: string | undefined;
}): Buffer {
  const { key, chain } = request;
  const [leaf, ...above] = chain;
  if (leaf === undefined) throw new TypeError("A PKCS#12 file holds a certificate at least");
  if (request.passphrase === "") throw new TypeError("An empty passphrase protects nothing: give one");
  const passphrase = request.passphrase ?? "";
  if (key !== undefined && !leaf.spki.equals(key.publicKey)) {
    throw new CertsError("signerMismatch", `The private key is not the key of ${leaf.subject}`);
  }
  const shared = [
    attribute(OIDS.localKeyId, octets(createHash("sha1").update(leaf.raw).digest())),
    attribute(OIDS.friendlyName, encodeElement(TAG.bmpString, Buffer.from(leaf.commonName ?? "", "utf16le").swap16())),
  ];
  const certificates = [certificateBag(leaf, shared), ...above.map((each) => certificateBag(each, []))];
  const contents = [content(sequence(...certificates))];
  if (key !== undefined) {
    const shrouded = key.key.export({ type: "pkcs8", format: "der", cipher: "aes-256-cbc", passphrase });
    const keyBag = sequence(encodeOid(OIDS.shroudedKeyBag), explicit(shrouded), encodeElement(TAG.set, ...shared));
    contents.push(content(sequence(keyBag)));
  }
  const safe = sequence(...contents);

  const salt = randomBytes(16);
  const derivation = { hash: "sha256", passphrase, salt, iterations: MAC_ITERATIONS, purpose: PURPOSE.mac, length: 32 };
  const mac = createHmac("sha256", derive(derivation)).update(safe).digest();
  const digest = sequence(sequence(encodeOid(OIDS.sha256), NULL), octets(mac));
  const macData = sequence(digest, octets(salt), encodeSmallInteger(MAC_ITERATIONS));
  return sequence(encodeSmallInteger(3), content(safe), macData);
}
