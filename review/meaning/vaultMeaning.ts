/** Key vaults, and the rights in them. */

import { code } from "../displayValue";
import { because, type ChangeReader, nowOf } from "../reviewFinding";

/** Of a key vault. */
export const vault: ChangeReader = (change) => {
  const name = code(nowOf({ ...change, after: {} }, "vaultName") ?? change.name);
  const kept = "Azure keeps it, soft-deleted, until its retention is over or it is purged";
  if (change.action === "delete") {
    const text = `Key vault ${name} is **deleted** with its keys and certificates: nothing is signed by them any more. ${kept}.`;
    return [{ section: "destructive", text }];
  }
  if (change.action === "replace") {
    const text = `Key vault ${name} is **replaced**${because(change)}: the keys and certificates in it stay behind. ${kept}.`;
    return [{ section: "destructive", text }];
  }
  if (change.action === "update") return [];
  return [
    {
      section: "authorities",
      text: `Key vault ${code(change.name)} is new; its price goes by operations and by keys.`,
    },
  ];
};

/** Of a role assignment. */
export const roleAssignment: ChangeReader = (change) => {
  const section = "other" as const;
  const subject = code(change.name);
  if (change.action === "delete") return [{ section, text: "Roles **taken away**", subject }];
  if (change.action === "replace")
    return [{ section, text: `Roles taken away and given anew${because(change)}`, subject }];
  return change.action === "update" ? [] : [{ section, text: "Roles given to the identity that deploys", subject }];
};

/** Of what stands for a vault's name, or waits for its door: parts of a vault, of which the vault tells. */
export const vaultPart: ChangeReader = () => [];
