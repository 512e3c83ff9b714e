import { EncryptedContentInfo } from "@peculiar/asn1-cms";
import { AsnConvert, AsnProp, AsnPropTypes, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import * as asn1js from "asn1js";
import { CertsError } from "../errors";

type BerOptions = NonNullable<Parameters<typeof asn1js.fromBER>[1]>;

/** OCTET STRINGs stay closed: what they hold is parsed when its type is known. */
const BER_OPTIONS: BerOptions = { parseEmbedded: false };

function bytesOf(block: asn1js.OctetString): Buffer {
  if (!block.idBlock.isConstructed) return Buffer.from(block.getValue());
  return Buffer.concat(block.valueBlock.value.map((part) => bytesOf(part as asn1js.OctetString)));
}

/** BER as DER: definite lengths, and each OCTET STRING in one piece. The schemas read a string in pieces as empty. */
function definite(block: asn1js.BaseBlock): asn1js.BaseBlock {
  if (block instanceof asn1js.OctetString) return new asn1js.OctetString({ valueHex: bytesOf(block) });
  if (!(block instanceof asn1js.Constructed)) return block;
  const children = block.valueBlock.value as asn1js.BaseBlock[];
  // The parser takes a child that ends after its parent.
  const length = children.reduce((sum, { blockLength }) => sum + blockLength, 0);
  if (!block.lenBlock.isIndefiniteForm && length !== block.lenBlock.length) throw new Error("Lengths that contradict");
  block.lenBlock.isIndefiniteForm = false;
  block.valueBlock.value = children.map(definite) as never;
  return block;
}

/** Reads a structure in BER (RFC 7292 allows it; EJBCA and NSS write it) or DER. Throws `malformed`. */
export function parse<T>(bytes: Uint8Array | ArrayBuffer, type: new () => T): T {
  try {
    const { offset, result } = asn1js.fromBER(bytes, BER_OPTIONS);
    if (offset !== bytes.byteLength) throw new Error(result.error || "Bytes after the end");
    return AsnConvert.parse(definite(result as asn1js.BaseBlock).toBER(), type, { berOptions: BER_OPTIONS });
  } catch (cause) {
    throw new CertsError("malformed", "The PKCS#12 file is damaged: its ASN.1 cannot be read", { cause });
  }
}

/** The content of an OCTET STRING. Throws `malformed`. */
export const parseOctetString = (bytes: Uint8Array | ArrayBuffer): Buffer =>
  Buffer.from(parse(bytes, OctetString).buffer);

/** Writes a structure as DER. */
export const serialize = (value: unknown): Buffer => Buffer.from(AsnConvert.serialize(value));

/** RFC 5652, 8. */
export class EncryptedData {
  version = 0;
  encryptedContentInfo = new EncryptedContentInfo();
}
AsnProp({ type: AsnPropTypes.Integer })(EncryptedData.prototype, "version");
AsnProp({ type: EncryptedContentInfo })(EncryptedData.prototype, "encryptedContentInfo");

/** Parameters of PKCS#12's own encryptions (RFC 7292, appendix C). */
export class PbeParameters {
  salt = new OctetString();
  /** Text where it does not fit 31 bits. */
  iterations: number | string = 0;
}
AsnProp({ type: OctetString })(PbeParameters.prototype, "salt");
AsnProp({ type: AsnPropTypes.Integer })(PbeParameters.prototype, "iterations");

/** Parameters of PBES2 (RFC 8018, A.4). */
export class Pbes2Parameters {
  keyDerivationFunc = new AlgorithmIdentifier();
  encryptionScheme = new AlgorithmIdentifier();
}
AsnProp({ type: AlgorithmIdentifier })(Pbes2Parameters.prototype, "keyDerivationFunc");
AsnProp({ type: AlgorithmIdentifier })(Pbes2Parameters.prototype, "encryptionScheme");

/** Parameters of PBKDF2 (RFC 8018, A.2). */
export class Pbkdf2Parameters extends PbeParameters {
  keyLength?: number;
  prf?: AlgorithmIdentifier;
}
AsnProp({ type: AsnPropTypes.Integer, optional: true })(Pbkdf2Parameters.prototype, "keyLength");
AsnProp({ type: AlgorithmIdentifier, optional: true })(Pbkdf2Parameters.prototype, "prf");
