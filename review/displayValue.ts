/** How a value is shown to a reviewer: short, on one line, and never a secret. */
import { X509Certificate } from "node:crypto";
import { type Bag, UNKNOWN } from "./previewDocument";

/** How the engine, and so this report, writes a secret. */
export const SECRET = "[secret]";

/** Longer texts are cut. */
const LONGEST = 120;

/** Names of properties whose text is kept back though the engine did not mark it. */
const SECRET_NAME =
  /(?:password|passphrase|secret|token|connectionString|(?:primary|secondary|access|private|signing)Key)$/i;

const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, SECRET],
  [/(SharedAccessKey|AccountKey|SharedAccessSignature|sig|client_secret|code)=[^;&\s"'`]+/gi, `$1=${SECRET}`],
  [/\b(Bearer|SharedAccessSignature)\s+[A-Za-z0-9._~+/=&%-]{8,}/g, `$1 ${SECRET}`],
];

/** A text without what looks like a key, a signature or a token. */
export function redacted(text: string): string {
  return SECRET_TEXTS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The common name, or the whole subject. */
const subjectOf = (certificate: X509Certificate): string =>
  /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? certificate.subject;

/** PEM in words: whose the first certificate is, its SHA-1 thumbprint as Azure shows it, its end, and how many follow. */
function certificateWords(pem: string): string {
  const blocks = pem.match(BLOCK) ?? [];
  try {
    const first = new X509Certificate(blocks[0] ?? "");
    const thumbprint = first.fingerprint.replaceAll(":", "");
    const end = new Date(first.validTo).toISOString().slice(0, 10);
    const more = blocks.length > 1 ? ` and ${blocks.length - 1} above it` : "";
    return `certificate of "${subjectOf(first)}", ${thumbprint}, until ${end}${more}`;
  } catch {
    return "a certificate that cannot be read";
  }
}

/** Key order says nothing. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const bag = value as Bag;
  return Object.fromEntries(
    Object.keys(bag)
      .sort()
      .map((key) => [key, safe(key, bag[key])]),
  );
};

const isCertificate = (text: string): boolean =>
  text.includes("-----BEGIN CERTIFICATE-----") && !text.includes("PRIVATE KEY");

/** The value, or what stands in place of a secret in it. */
function safe(name: string, value: unknown): unknown {
  if (value === UNKNOWN) return "(known after up)";
  if (typeof value === "string" && isCertificate(value)) return certificateWords(value);
  if (typeof value === "string") return SECRET_NAME.test(name) ? SECRET : redacted(value);
  return ordered(value);
}

/** One value, named by the last part of its path; one line. */
export function shown(name: string, value: unknown): string {
  if (value === undefined || value === null) return "(not set)";
  if (value === UNKNOWN) return "(known after up)";
  if (value === SECRET) return SECRET;
  if (typeof value === "string" && isCertificate(value)) return certificateWords(value);
  const text = JSON.stringify(safe(name, value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
}

/** Text of unknown making as a sentence of its own: its code marks stay, tags and mentions are only shown. */
export function prose(text: string): string {
  const line = redacted(text).replace(/\s+/g, " ").trim();
  return line.replace(/[&<>@]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Text of unknown making inside a line of Markdown: as code, with fences longer than any inside. */
export function code(text: string): string {
  const line = redacted(text).replace(/\s+/g, " ").trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return line === "" ? "(empty)" : `${fence}${pad}${line}${pad}${fence}`;
}

/** Several names as code, sorted, each once; at most `most`, and how many more. */
export function codes(texts: readonly string[], most = 20): string {
  const sorted = [...new Set(texts)].sort();
  const rest = sorted.length - most;
  const first = sorted.slice(0, most).map(code).join(", ");
  return rest > 0 ? `${first} and ${rest} more` : first;
}
