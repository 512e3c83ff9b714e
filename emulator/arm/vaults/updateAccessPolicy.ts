import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { existingResource } from "../existingResource";
import { objectAt, objectBody } from "../requestBody";
import { armIdOf } from "../resources/armId";
import { changedPolicies, type PolicyChange, readPolicies } from "./vaultAccessPolicies";
import { propertiesOf, VAULT_PATH, VAULT_TYPE, withProperties } from "./vaultResource";

function update(request: Request, deps: ArmDependencies): Response {
  const kind = (["add", "replace", "remove"] as const).find((each) => each === request.params.kind?.toLowerCase());
  if (!kind) {
    const message = `Access policies are added, replaced or removed, not '${request.params.kind}'.`;
    throw frontError(400, "BadRequest", message);
  }
  const resource = existingResource(request, VAULT_TYPE, deps);
  const requested = readPolicies(objectAt(objectBody(request), "properties").accessPolicies);
  const before = propertiesOf(resource);
  const accessPolicies = changedPolicies(before.accessPolicies, requested, kind satisfies PolicyChange);
  deps.resources.put(withProperties(resource, { ...before, accessPolicies }, deps));
  return {
    status: 200,
    body: {
      id: `${armIdOf(resource, deps.subscriptionId)}/accessPolicies/`,
      type: `${VAULT_TYPE}/accessPolicies`,
      location: resource.location,
      properties: { accessPolicies },
    },
  };
}

/** Adds, replaces or removes access policies of a vault. */
export const updateAccessPolicy = (deps: ArmDependencies): Operation => ({
  name: "Vaults_UpdateAccessPolicy",
  method: "PUT",
  path: `${VAULT_PATH}/accessPolicies/:kind`,
  handle: (request) => deps.commit(() => update(request, deps)),
});
