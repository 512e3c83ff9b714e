import type { KeyObject } from "node:crypto";
import { decodeOid, decodeWholeBytes, expectTag, readChildren, readWhole, TAG } from "./der";
import { CertsError } from "./errors";
import { refuseOtherKind } from "./fileKind";
import { commonNameError, commonNameOf, formatName, nameOf, parseName } from "./names";
import { decodeBase64, looksLikePem, parsePem, toPem } from "./pem";
import { readPublicKey } from "./publicKey";
import { isSignatureBy } from "./signature";
import type { Signer } from "./signer";
import { createCertificateRequest } from "./x509";

/** A certificate request (PKCS#10, RFC 2986) with a verified signature: the requester has the private key. */
export interface CertificateRequest {
  /** DER. */
  readonly raw: Buffer;
  /** Most specific part first: `CN=device-01`. Only requested: the issuer decides. */
  readonly subject: string;
  /** Undefined when the subject has none, or more than one. */
  readonly commonName: string | undefined;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
}

/** A request for a certificate of this common name, signed with its key, as PEM. Throws `badName`. */
export async function createRequest(request: { commonName: string; signer: Signer }): Promise<string> {
  const { commonName, signer } = request;
  const error = commonNameError(commonName);
  if (error !== undefined) {
    throw new CertsError("badName", `The common name '${commonName}' is refused: ${error}`, { data: { commonName } });
  }
  // No extensions: the issuer decides what the certificate says.
  const der = await createCertificateRequest({ subject: nameOf(commonName) }, signer);
  return toPem("CERTIFICATE REQUEST", der);
}

function derOf(input: string | Uint8Array): Buffer {
  refuseOtherKind(input);
  if (typeof input !== "string") {
    if (input[0] === TAG.sequence && (input[1] ?? 0) > 0x7f) return Buffer.from(input);
    return derOf(Buffer.from(input).toString("latin1"));
  }
  if (!looksLikePem(input)) return decodeBase64(input);
  const block = parsePem(input).find(({ label }) => /^(?:NEW )?CERTIFICATE REQUEST$/.test(label));
  if (block === undefined) throw new CertsError("noRequest", "The PEM text holds no certificate request");
  return decodeBase64(block.base64);
}

/**
 * Reads a certificate request from PEM, base64 or DER and checks its signature. Attributes (requested extensions, a
 * challenge password) are ignored: the profile decides them. Throws `noRequest`, `malformed`, `badRequest`.
 */
export function readRequest(input: string | Uint8Array): CertificateRequest {
  const raw = derOf(input);
  const [info, algorithm, signature] = readChildren(readWhole(raw, TAG.sequence).content);
  const [, subject, spki] = readChildren(expectTag(info, TAG.sequence).content);
  const rdns = parseName(expectTag(subject, TAG.sequence).raw);
  const publicKey = Buffer.from(expectTag(spki, TAG.sequence).raw);
  const [oid] = readChildren(expectTag(algorithm, TAG.sequence).content);
  const isSigned = isSignatureBy(keyOf(publicKey), {
    oid: decodeOid(expectTag(oid, TAG.oid).content),
    signed: expectTag(info, TAG.sequence).raw,
    signature: decodeWholeBytes(signature),
  });
  if (isSigned === undefined) {
    throw new CertsError("badRequest", "The request is not signed by RSA PKCS#1 v1.5 or ECDSA with SHA-256 or longer");
  }
  if (!isSigned) {
    throw new CertsError("badRequest", `The request of ${formatName(rdns)} is not signed by the key it is for`);
  }
  return { raw, subject: formatName(rdns), commonName: commonNameOf(rdns), publicKey };
}

function keyOf(spki: Buffer): KeyObject | undefined {
  try {
    return readPublicKey(spki);
  } catch {
    return undefined;
  }
}
