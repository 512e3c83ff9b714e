import { TAG } from "./der";
import { CertsError } from "./errors";

/** A kind of file that is not read here, and the command that converts it. */
interface OtherKind {
  readonly what: string;
  readonly remedy: string;
}

const PKCS7: OtherKind = {
  what: "a PKCS#7 file (.p7b)",
  remedy: "openssl pkcs7 -print_certs -in FILE -out FILE.pem (with -inform DER for a binary file)",
};
const KEY_STORE: OtherKind = {
  what: "a Java key store (JKS)",
  remedy: "keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12",
};
const DER_KEY: OtherKind = {
  what: "a private key in DER",
  remedy: "openssl pkey -inform DER -in FILE -out FILE.pem",
};
const UTF16: OtherKind = { what: "a text in UTF-16", remedy: "save it as UTF-8 or ASCII" };

/** DER of the object identifier signedData (RFC 5652, 5.1). */
const SIGNED_DATA = Buffer.from("06092a864886f70d010702", "hex");

/** The first bytes of the content of a DER or BER SEQUENCE; undefined for anything else. */
function sequenceStart(bytes: Buffer): Buffer | undefined {
  const [tag, length = 0] = bytes;
  if (tag !== TAG.sequence) return undefined;
  return bytes.subarray(length > 0x80 ? 2 + (length & 0x7f) : 2).subarray(0, SIGNED_DATA.length);
}

function otherKind(bytes: Buffer): OtherKind | undefined {
  const text = bytes.toString("latin1", 0, 8192);
  if (/-----BEGIN (?:PKCS7|PKCS #7 SIGNED DATA|CMS)-----/.test(text)) return PKCS7;
  const [first = 0, second = 0] = bytes;
  if (bytes.length > 3 && (first === 0xfe || first === 0xce) && second === (first === 0xfe ? 0xed : 0xce)) {
    if (bytes[2] === first && bytes[3] === second) return KEY_STORE;
  }
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return UTF16;
  if (/^(?:\0-){3}|^(?:-\0){3}/.test(text)) return UTF16;
  const content = sequenceStart(bytes);
  if (content?.equals(SIGNED_DATA)) return PKCS7;
  // PKCS#8 and PKCS#1 begin with version 0, SEC1 with version 1; PKCS#12 has version 3.
  if (content?.[0] === TAG.integer && content[1] === 1 && (content[2] ?? 9) < 2) return DER_KEY;
  return undefined;
}

/** Throws `malformed` with the remedy for a file of a known kind that is not read here: PKCS#7, JKS, UTF-16, a key in DER. */
export function refuseOtherKind(input: string | Uint8Array): void {
  const found = otherKind(typeof input === "string" ? Buffer.from(input, "latin1") : Buffer.from(input));
  if (found) throw new CertsError("malformed", `This is ${found.what}. To fix: ${found.remedy}`);
}
