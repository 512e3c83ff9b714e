import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { existingResource } from "../existingResource";
import { objectBody, tagsOf } from "../requestBody";
import { readVaultProperties } from "./vaultProperties";
import { propertiesOf, VAULT_PATH, VAULT_TYPE, vaultBody, withProperties } from "./vaultResource";

function patch(request: Request, deps: ArmDependencies): Response {
  const resource = existingResource(request, VAULT_TYPE, deps);
  const body = objectBody(request);
  const properties = readVaultProperties(body, {
    before: propertiesOf(resource),
    isPatch: true,
    apiVersion: request.query.get("api-version") ?? "",
  });
  const changed = { ...withProperties(resource, properties, deps), tags: tagsOf(body) ?? resource.tags };
  deps.resources.put(changed);
  return { status: 200, body: vaultBody(changed, deps) };
}

/** PATCH of a vault: missing properties keep their values. */
export const updateVault = (deps: ArmDependencies): Operation => ({
  name: "Vaults_Update",
  method: "PATCH",
  path: VAULT_PATH,
  handle: (request) => deps.commit(() => patch(request, deps)),
});
