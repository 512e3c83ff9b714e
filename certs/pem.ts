import { CertsError } from "./errors";

/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  /** The label after BEGIN, such as `CERTIFICATE` or `PRIVATE KEY`. */
  readonly label: string;
  /** The block as written, markers included. */
  readonly text: string;
  /** The base64 body with line breaks and headers (RFC 1421, as in encrypted PKCS#1) taken out. */
  readonly base64: string;
}

const BEGIN = "-----BEGIN ";
const DASHES = "-----";

/** Writes DER as PEM: lines of 64 characters, LF, a line break at the end. */
export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `${BEGIN}${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/**
 * The PEM blocks of a text in their order. Text between blocks is passed over, as bundles carry comments there.
 * Throws `malformed` for a BEGIN without its END. Time is linear in the length of the text.
 */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let at = text.indexOf(BEGIN);
  while (at !== -1) {
    const labelEnd = text.indexOf(DASHES, at + BEGIN.length);
    const label = labelEnd === -1 ? "" : text.slice(at + BEGIN.length, labelEnd);
    const end = `-----END ${label}-----`;
    const stop = labelEnd === -1 || label.includes("\n") ? -1 : text.indexOf(end, labelEnd);
    if (stop === -1) throw new CertsError("malformed", "A PEM block begins and does not end");
    const body = text.slice(labelEnd + DASHES.length, stop);
    const base64 = body
      .split(/\r?\n|\r/)
      .filter((line) => !line.includes(":"))
      .join("")
      .replace(/\s+/g, "");
    blocks.push({ label, text: `${text.slice(at, stop + end.length)}\n`, base64 });
    at = text.indexOf(BEGIN, stop + end.length);
  }
  return blocks;
}

/** Whether the text holds a PEM block of any kind. */
export function looksLikePem(text: string): boolean {
  return text.includes(BEGIN);
}

/** Decodes base64 strictly: Buffer's own decoder passes over what it does not know. Throws `malformed`. */
export function decodeBase64(text: string): Buffer {
  const compact = text.replace(/\s+/g, "");
  if (/[-_]/.test(compact) && /^[\w-]+=*$/.test(compact)) {
    throw new CertsError("malformed", "The text is base64url, not base64. To fix: write + for - and / for _");
  }
  const bytes = Buffer.from(compact, "base64");
  const bare = (encoded: string): string => encoded.replace(/(?<!=)=+$/, "");
  if (compact === "" || bare(bytes.toString("base64")) !== bare(compact)) {
    throw new CertsError("malformed", "The text is not base64");
  }
  return bytes;
}
