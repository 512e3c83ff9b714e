import type { Operation } from "../../kernel/operation";
import { existing } from "../objects/existingObject";
import { authorize } from "../vaultAuthorization";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { SECRET_DEFINITION } from "./secretDefinition";

/**
 * `GET /secrets/{name}/{version}`; without a version: the latest. Throws 403 for a disabled secret. `nbf` and `exp` do not
 * restrict reads: they inform clients, and an expired secret can be read for recovery (Azure documentation, "About Key
 * Vault secrets").
 */
export function getSecret(deps: VaultDependencies): Operation[] {
  const handle: Operation["handle"] = (request) => {
    const context = authorize(request, { kind: "secret", action: "get" }, deps);
    const secret = existing(request, context.vault.key, "secret", deps);
    if (!secret.attributes.enabled) {
      const message = "Operation get is not allowed on a disabled secret.";
      throw vaultError(403, "Forbidden", message, { inner: "SecretDisabled" });
    }
    const value = deps.objects.material(secret).toString("utf8");
    return { status: 200, body: { value, ...SECRET_DEFINITION.bundle(secret, context) } };
  };
  return [
    { name: "GetSecret (latest)", method: "GET", path: "/secrets/:name", handle },
    { name: "GetSecret", method: "GET", path: "/secrets/:name/:version", handle },
  ];
}
