/** How a value is shown to a reviewer: short, on one line, and never a secret. */
import { X509Certificate } from "node:crypto";
import { type Bag, UNKNOWN } from "./previewDocument";

/** How the engine and the report show a secret. */
export const SECRET = "[secret]";

/** Longer texts are cut. */
const LONGEST = 120;

/** Names of properties that are hidden even if the engine does not mark them as secrets. */
const SECRET_NAME =
  /(?:password|passphrase|secret|token|connectionString|(?:primary|secondary|access|private|signing)Key)$/i;

const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, SECRET],
  [/(SharedAccessKey|AccountKey|SharedAccessSignature|sig|client_secret|code)=[^;&\s"'`]+/gi, `$1=${SECRET}`],
  [/\b(Bearer|SharedAccessSignature)\s+[A-Za-z0-9._~+/=&%-]{8,}/g, `$1 ${SECRET}`],
];

/** Redacts what looks like a key, a signature or a token. */
export function redacted(text: string): string {
  return SECRET_TEXTS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The common name, or the whole subject. */
const subjectOf = (certificate: X509Certificate): string =>
  /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? certificate.subject;

/** Describes PEM: subject, SHA-1 thumbprint (as Azure shows it) and expiry of the first certificate, and how many follow. */
function certificateWords(pem: string): string {
  const blocks = pem.match(BLOCK) ?? [];
  try {
    const first = new X509Certificate(blocks[0] ?? "");
    const thumbprint = first.fingerprint.replaceAll(":", "");
    const end = new Date(first.validTo).toISOString().slice(0, 10);
    const more = blocks.length > 1 ? ` and ${blocks.length - 1} above it` : "";
    return `certificate of "${subjectOf(first)}", ${thumbprint}, until ${end}${more}`;
  } catch {
    return "an unreadable certificate";
  }
}

/** Sorts keys: their order has no meaning. */
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

/** The value, with secrets replaced. */
function safe(name: string, value: unknown): unknown {
  if (value === UNKNOWN) return "(known after up)";
  if (typeof value === "string" && isCertificate(value)) return certificateWords(value);
  if (typeof value === "string") return SECRET_NAME.test(name) ? SECRET : redacted(value);
  return ordered(value);
}

/** A value on one line; `name` is the last part of its path. */
export function shown(name: string, value: unknown): string {
  if (value === undefined || value === null) return "(not set)";
  if (value === UNKNOWN) return "(known after up)";
  if (value === SECRET) return SECRET;
  if (typeof value === "string" && isCertificate(value)) return certificateWords(value);
  const text = JSON.stringify(safe(name, value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
}

/** Foreign text as a sentence of Markdown: code marks stay, HTML tags and mentions are escaped. */
export function prose(text: string): string {
  const line = redacted(text).replace(/\s+/g, " ").trim();
  return line.replace(/[&<>@]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Foreign text as inline code, with fences longer than any inside. */
export function code(text: string): string {
  const line = redacted(text).replace(/\s+/g, " ").trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return line === "" ? "(empty)" : `${fence}${pad}${line}${pad}${fence}`;
}

/** Names as code, sorted and distinct; at most `most`, then the number of the others. */
export function codes(texts: readonly string[], most = 20): string {
  const sorted = [...new Set(texts)].sort();
  const rest = sorted.length - most;
  const first = sorted.slice(0, most).map(code).join(", ");
  return rest > 0 ? `${first} and ${rest} more` : first;
}
