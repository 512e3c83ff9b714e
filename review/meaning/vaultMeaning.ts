/** Key vaults and their role assignments. */

import { code } from "../displayValue";
import { because, type ChangeReader, nowOf } from "../reviewFinding";

/** Of a key vault. */
export const vault: ChangeReader = (change) => {
  const name = code(nowOf({ ...change, after: {} }, "vaultName") ?? change.name);
  const recoverable = "Azure keeps it, soft-deleted, until its retention period ends or it is purged";
  if (change.action === "delete") {
    const text = `Key vault ${name} is **deleted** with its keys and certificates: they cannot sign any more. ${recoverable}.`;
    return [{ section: "destructive", text }];
  }
  if (change.action === "replace") {
    const text = `Key vault ${name} is **replaced**${because(change)}: the keys and certificates in it stay behind. ${recoverable}.`;
    return [{ section: "destructive", text }];
  }
  if (change.action === "update") return [];
  return [
    {
      section: "authorities",
      text: `Key vault ${code(change.name)} is new; it is billed by operations and keys.`,
    },
  ];
};

/** Of a role assignment. */
export const roleAssignment: ChangeReader = (change) => {
  const section = "other" as const;
  const subject = code(change.name);
  if (change.action === "delete") return [{ section, text: "Roles **revoked**", subject }];
  if (change.action === "replace")
    return [{ section, text: `Roles revoked and assigned again${because(change)}`, subject }];
  return change.action === "update" ? [] : [{ section, text: "Roles assigned to the deploying identity", subject }];
};

/** Of a vault's name or data-plane access: parts of a vault, which has its own findings. */
export const vaultPart: ChangeReader = () => [];
