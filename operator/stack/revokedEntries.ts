import { malformedThumbprintReason, thumbprintOf } from "../../certs/thumbprintText";

/** Entries of the configuration key `revoked`: registration IDs, `id=ID`, and thumbprints. */

const idOf = (entry: string): string => (entry.startsWith("id=") ? entry.slice(3) : entry);

/** Whether a registration ID would be read as a number, a Boolean or a thumbprint: its entry is `id=ID`. */
const isAmbiguous = (id: string): boolean =>
  /^(?:[0-9a-f:.]+|true|false)$/i.test(id) || malformedThumbprintReason(id) !== undefined;

/** The entry for a registration ID. */
export const registrationEntry = (id: string): string => (isAmbiguous(id) ? `id=${id}` : id);

/** Whether an entry revokes this registration ID; letter case has no meaning. */
export const revokesRegistration = (entry: string, id: string): boolean =>
  (entry.startsWith("id=") || thumbprintOf(entry) === undefined) && idOf(entry).toLowerCase() === id.toLowerCase();

/** Whether an entry revokes this thumbprint, in any form in which tools print one. */
export const revokesThumbprint = (entry: string, thumbprint: string): boolean =>
  !entry.startsWith("id=") && thumbprintOf(entry) === thumbprint;
