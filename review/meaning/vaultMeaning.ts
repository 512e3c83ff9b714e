/** Key vaults. */
import { code } from "../displayValue";
import { because, type ChangeReader, loss, textOf } from "../reviewFinding";

/** Of a key vault. */
export const vault: ChangeReader = (change) => {
  const name = code(textOf(change.before, "vaultName") ?? change.name);
  const recoverable = "Azure keeps it, soft-deleted, until its retention period ends or it is purged";
  if (change.action === "create" || change.action === "import") {
    const text = `Key vault ${code(change.name)} is new; it is billed by operations and keys.`;
    return [{ section: "authorities", text }];
  }
  return loss(change, {
    deleted: `Key vault ${name} is **deleted** with its keys and certificates: they cannot sign any more. ${recoverable}.`,
    replaced: `Key vault ${name} is **replaced**${because(change)}: the keys and certificates in it stay behind. ${recoverable}.`,
  });
};

/** Of a vault's name or data-plane access: parts of a vault, which has its own findings. */
export const vaultPart: ChangeReader = () => [];
