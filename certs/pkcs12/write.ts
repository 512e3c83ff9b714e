import { createHash, createHmac, randomBytes } from "node:crypto";
import { ContentInfo, id_data } from "@peculiar/asn1-cms";
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_pkcs8ShroudedKeyBag,
  id_x509Certificate,
  MacData,
  PFX,
  PKCS12Attribute,
  SafeBag,
  SafeContents,
} from "@peculiar/asn1-pfx";
import { OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { BmpString } from "asn1js";
import type { Certificate } from "../certificate";
import { CertsError } from "../errors";
import type { PrivateKey } from "../keys";
import { serialize } from "./asn1";
import { derive, PURPOSE } from "./derive";

/** Rounds of the derivation for the MAC, as OpenSSL writes. */
const MAC_ITERATIONS = 2048;

const SHA256 = "2.16.840.1.101.3.4.2.1";
/** PKCS#9 (RFC 2985). */
const FRIENDLY_NAME = "1.2.840.113549.1.9.20";
const LOCAL_KEY_ID = "1.2.840.113549.1.9.21";

const octetString = (content: Buffer): ArrayBuffer => bytes(serialize(new OctetString(content)));
const bytes = (buffer: Buffer): ArrayBuffer => new Uint8Array(buffer).buffer;
const dataInfo = (content: Buffer): ContentInfo =>
  new ContentInfo({ contentType: id_data, content: octetString(content) });

function attribute(attrId: string, value: ArrayBuffer): PKCS12Attribute {
  // Its constructor leaves out what it is given.
  return Object.assign(new PKCS12Attribute(), { attrId, attrValues: [value] });
}

function certificateBag(certificate: Certificate, bagAttributes?: PKCS12Attribute[]): SafeBag {
  const value = new CertBag({ certId: id_x509Certificate, certValue: octetString(certificate.raw) });
  return new SafeBag({ bagId: id_certBag, bagValue: bytes(serialize(value)), bagAttributes });
}

/**
 * A PKCS#12 file (RFC 7292) of a private key and its chain, leaf first. The key is encrypted by AES-256 (PBES2), the
 * whole is under a MAC of SHA-256: OpenSSL 1.1, Windows 10, macOS 12 and Java 8u301, or newer, read it. The
 * certificates are not encrypted: every TLS handshake shows them. Without a passphrase the file protects nothing, like
 * those in Key Vault's secrets; an empty one is a `TypeError`. Without a key the file carries certificates alone.
 * Throws `signerMismatch` when the key is not the leaf's.
 */
export function writePkcs12(request: {
  readonly key: Pick<PrivateKey, "key" | "publicKey"> | undefined;
  readonly chain: readonly Certificate[];
  readonly passphrase: string | undefined;
}): Buffer {
  const { key, chain } = request;
  const [leaf, ...above] = chain;
  if (leaf === undefined) throw new TypeError("A PKCS#12 file needs at least one certificate");
  if (request.passphrase === "") throw new TypeError("An empty passphrase protects nothing: give one");
  const passphrase = request.passphrase ?? "";
  if (key !== undefined && !leaf.spki.equals(key.publicKey)) {
    throw new CertsError("signerMismatch", `The private key is not the key of ${leaf.subject}`);
  }
  const shared = [
    attribute(LOCAL_KEY_ID, octetString(createHash("sha1").update(leaf.raw).digest())),
    attribute(FRIENDLY_NAME, new BmpString({ value: leaf.commonName ?? "" }).toBER()),
  ];
  const certificates = [certificateBag(leaf, shared), ...above.map((each) => certificateBag(each))];
  const contents = [dataInfo(serialize(new SafeContents(certificates)))];
  if (key !== undefined) {
    const bagValue = bytes(key.key.export({ type: "pkcs8", format: "der", cipher: "aes-256-cbc", passphrase }));
    const keyBag = new SafeBag({ bagId: id_pkcs8ShroudedKeyBag, bagValue, bagAttributes: shared });
    contents.push(dataInfo(serialize(new SafeContents([keyBag]))));
  }
  const safe = serialize(new AuthenticatedSafe(contents));

  const salt = randomBytes(16);
  const derivation = { hash: "sha256", passphrase, salt, iterations: MAC_ITERATIONS, purpose: PURPOSE.mac, length: 32 };
  const macData = new MacData({ macSalt: new OctetString(salt), iterations: MAC_ITERATIONS });
  macData.mac.digestAlgorithm = new AlgorithmIdentifier({ algorithm: SHA256, parameters: null });
  macData.mac.digest = new OctetString(createHmac("sha256", derive(derivation)).update(safe).digest());
  return serialize(new PFX({ version: 3, authSafe: dataInfo(safe), macData }));
}
