/**
 * Makes CMS messages (RFC 5652) that are signed, then enveloped to one recipient: SignedData in EnvelopedData, RSA-OAEP with
 * SHA-256 and AES-256-CBC. The signature protects what CBC does not. `openssl cms` reads them.
 */
import type { Certificate } from "../../certs/certificate";
import { arrayBuffer, asn1, OID, pkijs } from "./cmsLibrary";
import type { TokenKey } from "./tokenKey";

const wrapped = (contentType: string, content: unknown): Buffer =>
  Buffer.from(new (pkijs().ContentInfo)({ contentType, content }).toSchema().toBER(false));

/** SignedData over the content, by the key. `withCertificate`: the signer's certificate is in it. */
async function signedMessage(content: Buffer, key: TokenKey, withCertificate: boolean): Promise<Buffer> {
  const { AlgorithmIdentifier, Certificate, EncapsulatedContentInfo, IssuerAndSerialNumber, SignedData, SignerInfo } =
    pkijs();
  const { Null, OctetString } = asn1();
  const certificate = Certificate.fromBER(arrayBuffer(key.certificate.raw));
  const digest = new AlgorithmIdentifier({ algorithmId: OID.sha256, algorithmParams: new Null() });
  const signer = new SignerInfo({
    version: 1,
    sid: new IssuerAndSerialNumber({ issuer: certificate.issuer, serialNumber: certificate.serialNumber }),
    digestAlgorithm: digest,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithmId: OID.sha256WithRsa, algorithmParams: new Null() }),
    signature: new OctetString({ valueHex: arrayBuffer(await key.signer.sign(content)) }),
  });
  const signed = new SignedData({
    version: 1,
    digestAlgorithms: [digest],
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: OID.data,
      eContent: new OctetString({ valueHex: arrayBuffer(content) }),
    }),
    signerInfos: [signer],
    certificates: withCertificate ? [certificate] : undefined,
  });
  return wrapped(OID.signedData, signed.toSchema(true));
}

/** Signs the content by `key` and envelopes it to the certificate of the recipient; returns DER. */
export async function sealMessage(
  content: Buffer,
  key: TokenKey,
  recipient: Certificate,
  options: { readonly withCertificate: boolean },
): Promise<Buffer> {
  const { Certificate, EnvelopedData } = pkijs();
  const enveloped = new EnvelopedData();
  enveloped.addRecipientByCertificate(Certificate.fromBER(arrayBuffer(recipient.raw)), {
    oaepHashAlgorithm: "SHA-256",
  });
  const signed = await signedMessage(content, key, options.withCertificate);
  await enveloped.encrypt({ name: "AES-CBC", length: 256 }, arrayBuffer(signed));
  return wrapped(OID.envelopedData, enveloped.toSchema());
}
