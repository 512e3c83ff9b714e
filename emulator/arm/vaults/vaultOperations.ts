import { nameFault } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { deletedVaultOperations } from "../deletedVaults/deletedVaultOperations";
import { existingGroup, existingResource, GROUP, NAME, resourceOf } from "../existingResource";
import { objectAt, objectBody } from "../requestBody";
import { removeResource } from "../resources/removal";
import { patchVault, putVault, withProperties } from "./createOrUpdateVault";
import { changedPolicies, type PolicyChange, readPolicies } from "./vaultAccessPolicies";
import { propertiesOf, VAULT_TYPE, vaultBody, vaultIdOf } from "./vaultResource";

const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const PROVIDER = "/providers/Microsoft.KeyVault";
const VAULTS = `${SUBSCRIPTION}/resourceGroups/:${GROUP}${PROVIDER}/vaults`;

function changePolicies(request: Request, deps: ArmDependencies): Response {
  const kind = (["add", "replace", "remove"] as const).find((each) => each === request.params.kind?.toLowerCase());
  if (!kind)
    throw frontError(
      400,
      "BadRequest",
      `Access policies are added, replaced or removed, not '${request.params.kind}'.`,
    );
  const resource = existingResource(request, VAULT_TYPE, deps);
  const asked = readPolicies(objectAt(objectBody(request), "properties").accessPolicies);
  const before = propertiesOf(resource);
  const accessPolicies = changedPolicies(before.accessPolicies, asked, kind satisfies PolicyChange);
  deps.resources.put(withProperties(resource, { ...before, accessPolicies }, deps));
  return {
    status: 200,
    body: {
      id: `${vaultIdOf(resource, deps.subscriptionId)}/accessPolicies/`,
      type: `${VAULT_TYPE}/accessPolicies`,
      location: resource.location,
      properties: { accessPolicies },
    },
  };
}

function availability(request: Request, deps: ArmDependencies): Response {
  const { name } = objectBody(request);
  if (typeof name !== "string") throw frontError(400, "InvalidRequestContent", "The request has no 'name'.");
  const fault = nameFault("keyVault", name);
  if (fault) return { status: 200, body: { nameAvailable: false, reason: "AccountNameInvalid", message: `${fault}.` } };
  if (!deps.resources.named(VAULT_TYPE, name) && !deps.deletedVaults.named(name)) {
    return { status: 200, body: { nameAvailable: true } };
  }
  const message = `The vault name '${name}' is already in use, by a vault or by one that was deleted and not purged.`;
  return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
}

/** Vaults in the control plane (REST reference, "Key Vault management – Vaults"). */
export function vaultOperations(deps: ArmDependencies): Operation[] {
  const one = `${VAULTS}/:${NAME}`;
  const list = (group?: string): Response => {
    const found = deps.resources.list({ type: VAULT_TYPE, ...(group === undefined ? {} : { group }) });
    return { status: 200, body: { value: found.map((each) => vaultBody(each, deps)) } };
  };
  const changing = (handle: (request: Request, deps: ArmDependencies) => Response) => (request: Request) => {
    const response = deps.database.transaction(() => handle(request, deps));
    deps.directory.changed();
    return response;
  };
  const remove = (request: Request): Response => {
    const resource = resourceOf(request, VAULT_TYPE, deps);
    if (!resource) return { status: 204 };
    removeResource(resource, deps);
    return { status: 200 };
  };
  const operation = (
    name: string,
    method: Operation["method"],
    path: string,
    handle: (request: Request) => Response,
  ): Operation => ({ name: `Vaults_${name}`, method, path, handle });
  return [
    operation("CreateOrUpdate", "PUT", one, changing(putVault)),
    operation("Update", "PATCH", one, changing(patchVault)),
    operation("Get", "GET", one, (request) => ({
      status: 200,
      body: vaultBody(existingResource(request, VAULT_TYPE, deps), deps),
    })),
    operation("Delete", "DELETE", one, changing(remove)),
    operation("ListByResourceGroup", "GET", VAULTS, (request) => list(existingGroup(request, deps).name)),
    operation("ListBySubscription", "GET", `${SUBSCRIPTION}${PROVIDER}/vaults`, () => list()),
    operation("UpdateAccessPolicy", "PUT", `${one}/accessPolicies/:kind`, changing(changePolicies)),
    operation("CheckNameAvailability", "POST", `${SUBSCRIPTION}${PROVIDER}/checkNameAvailability`, (request) =>
      availability(request, deps),
    ),
    ...deletedVaultOperations(deps),
  ];
}
