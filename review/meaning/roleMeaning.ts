import type { Action } from "../change";
import { code } from "../displayValue";
import { because, type ChangeReader, textOf } from "../reviewFinding";

/** The identity that a role assignment names: the provisioning service at a hub, or the deploying identity at a vault. */
function principalOf({ before, after }: Parameters<ChangeReader>[0]): string {
  const type = textOf(after, "principalType") ?? textOf(before, "principalType");
  return type === "ServicePrincipal" ? "the provisioning service" : "the deploying identity";
}

/** Of a role assignment. */
export const roleAssignment: ChangeReader = (change) => {
  const assigned = `Roles assigned to ${principalOf(change)}`;
  const texts: Readonly<Partial<Record<Action, string>>> = {
    delete: "Roles **revoked**",
    replace: `Roles revoked and assigned again${because(change)}`,
    create: assigned,
    import: assigned,
  };
  const text = texts[change.action];
  return text === undefined ? [] : [{ section: "other", text, subject: code(change.name) }];
};
