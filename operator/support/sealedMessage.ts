/** Reads CMS messages as sealMessage.ts and `openssl cms` make them. */
import { createDecipheriv, createHash, type KeyObject, verify } from "node:crypto";
import type * as Pkijs from "pkijs";
import { type Certificate, readCertificate, unsignedHex } from "../../certs/certificate";
import { arrayBuffer, bytesOf, OID, pkijs } from "./cmsLibrary";
import type { TokenKey } from "./tokenKey";

/** Why a message cannot be opened: it is malformed or altered, or meant for or signed by another key. */
export class CmsMessageError extends Error {
  override readonly name = "CmsMessageError";

  constructor(
    readonly reason: "malformed" | "foreign",
    message: string,
  ) {
    super(message);
  }
}

const malformed = (message: string): CmsMessageError => new CmsMessageError("malformed", message);

/** The content of a ContentInfo of a type. */
function contentOf<T>(der: Buffer, contentType: string, read: (schema: unknown) => T): T {
  try {
    const info = pkijs().ContentInfo.fromBER(arrayBuffer(der));
    if (info.contentType === contentType) return read(info.content);
  } catch (cause) {
    throw malformed(`The message is not in DER: ${(cause as Error).message}`);
  }
  throw malformed("The message is of another CMS type");
}

/** A message that is not opened. */
export interface SealedMessage {
  /** Whether it is enveloped to the certificate. */
  isFor(certificate: Certificate): boolean;
  /**
   * Returns the content and its signer: `signer` must have signed it; undefined: the one certificate in the message.
   * Errors: CmsMessageError.
   */
  open(key: TokenKey, signer: Certificate | undefined): Promise<{ content: Buffer; signer: Certificate }>;
}

/** Whether a key is encrypted by RSA-OAEP with SHA-256, as hash and as hash of MGF1 (RFC 8017, A.2.1). */
function isOaepWithSha256({ algorithmId, algorithmParams }: Pkijs.AlgorithmIdentifier): boolean {
  if (algorithmId !== OID.rsaOaep) return false;
  try {
    const { hashAlgorithm, maskGenAlgorithm } = new (pkijs().RSAESOAEPParams)({ schema: algorithmParams });
    const maskHash = new (pkijs().AlgorithmIdentifier)({ schema: maskGenAlgorithm.algorithmParams });
    return hashAlgorithm.algorithmId === OID.sha256 && maskHash.algorithmId === OID.sha256;
  } catch {
    return false;
  }
}

/** Reads a message. Errors: CmsMessageError `malformed`. */
export function readMessage(der: Buffer): SealedMessage {
  const { EnvelopedData, IssuerAndSerialNumber, KeyTransRecipientInfo } = pkijs();
  const enveloped = contentOf(der, OID.envelopedData, (schema) => new EnvelopedData({ schema }));
  const [{ value: recipient } = {}, ...others] = enveloped.recipientInfos;
  if (!(recipient instanceof KeyTransRecipientInfo) || others.length > 0) {
    throw malformed("The message needs one recipient with an RSA key");
  }
  const { rid, keyEncryptionAlgorithm, encryptedKey } = recipient;
  const isFor = ({ issuerDer, serialNumber, extensions }: Certificate): boolean => {
    if (!(rid instanceof IssuerAndSerialNumber))
      return bytesOf(rid).toString("hex") === extensions.subjectKeyIdentifier;
    const issuer = Buffer.from(rid.issuer.toSchema().toBER(false));
    return issuer.equals(issuerDer) && unsignedHex(bytesOf(rid.serialNumber)) === serialNumber;
  };
  const content = async (key: TokenKey): Promise<Buffer> => {
    const { contentEncryptionAlgorithm: cipher } = enveloped.encryptedContentInfo;
    const isKnown = isOaepWithSha256(keyEncryptionAlgorithm) && cipher.algorithmId === OID.aes256Cbc;
    if (!isKnown) throw malformed("The message needs RSA-OAEP with SHA-256, and AES-256-CBC");
    const iv = bytesOf(cipher.algorithmParams);
    // One error for the key and the content, so that the message tells nothing about either.
    try {
      const encrypted = Buffer.from(enveloped.encryptedContentInfo.getEncryptedContent());
      const contentKey = await key.decrypt(bytesOf(encryptedKey));
      const decipher = createDecipheriv("aes-256-cbc", contentKey, iv);
      return Buffer.concat([decipher.update(encrypted), decipher.final()]);
    } catch {
      throw malformed("The message cannot be decrypted");
    }
  };
  return {
    isFor,
    async open(key, signer) {
      if (!isFor(key.certificate)) throw new CmsMessageError("foreign", "The message is enveloped to another key");
      return verifiedContent(await content(key), signer);
    },
  };
}

/** The bytes that the signature of a SignerInfo is over (RFC 5652, 5.4). */
function signedBytes({ signedAttrs }: Pkijs.SignerInfo, content: Buffer): Buffer {
  if (signedAttrs === undefined) return content;
  const digest = signedAttrs.attributes.filter(({ type }) => type === OID.messageDigest);
  if (digest.length !== 1 || !bytesOf(digest[0]?.values[0]).equals(createHash("sha256").update(content).digest())) {
    throw malformed("The message's digest is of another content");
  }
  return Buffer.from(signedAttrs.encodedValue);
}

const hasSignature = (key: KeyObject, bytes: Buffer, signature: Buffer): boolean =>
  key.asymmetricKeyType === "rsa" && verify("sha256", bytes, key, signature);

function verifiedContent(der: Buffer, expected: Certificate | undefined): { content: Buffer; signer: Certificate } {
  const { Certificate, SignedData } = pkijs();
  const signed = contentOf(der, OID.signedData, (schema) => new SignedData({ schema }));
  const [info, ...others] = signed.signerInfos;
  const embedded = (signed.certificates ?? []).filter((each) => each instanceof Certificate);
  const { eContentType, eContent } = signed.encapContentInfo;
  if (info === undefined || others.length > 0 || eContent === undefined || eContentType !== OID.data) {
    throw malformed("The message needs one signer and its content");
  }
  if (info.digestAlgorithm.algorithmId !== OID.sha256) throw malformed("The message needs a signature with SHA-256");
  if (expected === undefined && embedded.length !== 1) throw malformed("The message needs its signer's certificate");
  const signer = expected ?? readCertificate(Buffer.from((embedded[0] as Pkijs.Certificate).toSchema().toBER(false)));
  const content = Buffer.from(eContent.getValue());
  const signature = bytesOf(info.signature);
  if (!hasSignature(signer.publicKey, signedBytes(info, content), signature)) {
    throw expected === undefined
      ? malformed("The message's signature is wrong")
      : new CmsMessageError("foreign", "The message is not signed by the expected key");
  }
  return { content, signer };
}
