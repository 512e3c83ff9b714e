import type { EntryData } from "./transcriptEntry";

/** Secrets that may be within a text, such as a URL with a shared access signature, and what is recorded in their place. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(sig=)[^&\s"'\\]+/gi, "$1***"],
  [/\b((?:SharedAccessKey|AccountKey|SharedSecretKey)=)[^;\s"'\\]+/gi, "$1***"],
  [/\b(Bearer )[\w.~+/=-]{16,}/g, "$1***"],
  // A JSON Web Token, an access token of Pulumi, and the password of a URL.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, "***"],
  [/\bpul-[0-9a-f]{40}\b/g, "***"],
  [/(:\/\/[^\s/:@"']*:)[^\s/@"']+(?=@)/g, "$1***"],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, "[$1]"],
];

/** A text without shared access signatures, account keys, bearer tokens and private keys. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((cleaned, [secret, replacement]) => cleaned.replace(secret, replacement), text);
}

/** An entry's data with {@link withoutSecrets} applied to every text, however deep. */
export function redactedData(data: EntryData): EntryData {
  const json = JSON.stringify(data, (_, value: unknown) => (typeof value === "string" ? withoutSecrets(value) : value));
  return JSON.parse(json) as EntryData;
}
