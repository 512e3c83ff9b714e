/** Names of the objects in a vault that belong to an ID. */
import { createHash } from "node:crypto";

/** What is kept in a vault for an ID, by the word that its name begins with. Group and individual may have one ID. */
export type VaultObjectOf = "device" | "enrollment" | "group";

/** The longest ID that is kept whole: a name has at most 127 characters, `enrollment-` and `-secondary` included. */
const LONGEST_ID = 100;

/**
 * The name of what a vault keeps for an ID: a device's certificate, the keys of an enrollment or of a group. A vault knows
 * letters, digits and hyphens only and no letter case. What has to be changed or cut for that gets eight digits of its own,
 * so that two IDs never share a name.
 */
export function vaultObjectName(id: string, of: VaultObjectOf = "device"): string {
  const plain = id.toLowerCase();
  if (/^[a-z0-9-]+$/.test(plain) && plain.length <= LONGEST_ID) return `${of}-${plain}`;
  const digest = createHash("sha256").update(plain).digest("hex");
  return `${of}-${plain.replace(/[^a-z0-9-]/g, "-").slice(0, LONGEST_ID - 9)}-${digest.slice(0, 8)}`;
}
