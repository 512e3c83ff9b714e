/** Entries of the configuration key `revoked`: registration IDs, `id=ID`, and thumbprints. */

const idOf = (entry: string): string => (entry.startsWith("id=") ? entry.slice(3) : entry);

const digitsOf = (text: string): string => text.replace(/[\s:]/g, "").toUpperCase();

/** Whether an entry may be read as a number, a truth value or a thumbprint: it is written `id=ID` then. */
const isAmbiguous = (id: string): boolean => /^(?:[0-9a-f:.]+|true|false)$/i.test(id);

/** The entry for a registration ID. */
export const registrationEntry = (id: string): string => (isAmbiguous(id) ? `id=${id}` : id);

/** The thumbprint in one spelling, upper-case hexadecimal; undefined for anything but SHA-1 and SHA-256. */
export function thumbprintOf(text: string): string | undefined {
  const digits = digitsOf(text);
  return /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits) ? digits : undefined;
}

/** Whether an entry revokes this registration ID; letter case has no meaning. */
export const revokesRegistration = (entry: string, id: string): boolean =>
  (entry.startsWith("id=") || thumbprintOf(entry) === undefined) && idOf(entry).toLowerCase() === id.toLowerCase();

/** Whether an entry is this thumbprint. */
export const revokesThumbprint = (entry: string, thumbprint: string): boolean =>
  !entry.startsWith("id=") && thumbprintOf(entry) === thumbprint;
