import { nameFault } from "../../../azure/names";
import type { Answer, Call, Operation } from "../../kernel/call";
import { frontError } from "../errors";
import { existingGroup, existingResource, GROUP, NAME, resourceOf } from "../existing";
import type { ArmParts } from "../parts";
import { removeResource } from "../removal";
import { objectAt, objectBody } from "../requestBody";
import { changedPolicies, type PolicyChange, readPolicies } from "./accessPolicies";
import { patchVault, putVault, withProperties } from "./createOrUpdate";
import { deletedVaultOperations } from "./deletedVaults";
import { propertiesOf, VAULT_TYPE, vaultBody, vaultIdOf } from "./vault";

const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const PROVIDER = "/providers/Microsoft.KeyVault";
const VAULTS = `${SUBSCRIPTION}/resourceGroups/:${GROUP}${PROVIDER}/vaults`;

function changePolicies(call: Call, parts: ArmParts): Answer {
  const kind = (["add", "replace", "remove"] as const).find((each) => each === call.params.kind?.toLowerCase());
  if (!kind)
    throw frontError(400, "BadRequest", `Access policies are added, replaced or removed, not '${call.params.kind}'.`);
  const resource = existingResource(call, VAULT_TYPE, parts);
  const asked = readPolicies(objectAt(objectBody(call), "properties").accessPolicies);
  const before = propertiesOf(resource);
  const accessPolicies = changedPolicies(before.accessPolicies, asked, kind satisfies PolicyChange);
  parts.resources.put(withProperties(resource, { ...before, accessPolicies }, parts));
  return {
    status: 200,
    body: {
      id: `${vaultIdOf(resource, parts.subscriptionId)}/accessPolicies/`,
      type: `${VAULT_TYPE}/accessPolicies`,
      location: resource.location,
      properties: { accessPolicies },
    },
  };
}

function availability(call: Call, parts: ArmParts): Answer {
  const { name } = objectBody(call);
  if (typeof name !== "string") throw frontError(400, "InvalidRequestContent", "The request has no 'name'.");
  const fault = nameFault("keyVault", name);
  if (fault) return { status: 200, body: { nameAvailable: false, reason: "AccountNameInvalid", message: `${fault}.` } };
  if (!parts.resources.named(VAULT_TYPE, name) && !parts.deletedVaults.named(name)) {
    return { status: 200, body: { nameAvailable: true } };
  }
  const message = `The vault name '${name}' is already in use, by a vault or by one that was deleted and not purged.`;
  return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
}

/** Vaults in the control plane (REST reference, "Key Vault management – Vaults"). */
export function vaultOperations(parts: ArmParts): Operation[] {
  const one = `${VAULTS}/:${NAME}`;
  const list = (group?: string): Answer => {
    const found = parts.resources.list({ type: VAULT_TYPE, ...(group === undefined ? {} : { group }) });
    return { status: 200, body: { value: found.map((each) => vaultBody(each, parts)) } };
  };
  const changing = (handle: (call: Call, parts: ArmParts) => Answer) => (call: Call) => {
    const answer = parts.store.transaction(() => handle(call, parts));
    parts.directory.changed();
    return answer;
  };
  const remove = (call: Call): Answer => {
    const resource = resourceOf(call, VAULT_TYPE, parts);
    if (!resource) return { status: 204 };
    removeResource(resource, parts);
    return { status: 200 };
  };
  const operation = (
    name: string,
    method: Operation["method"],
    path: string,
    handle: (call: Call) => Answer,
  ): Operation => ({ name: `Vaults_${name}`, method, path, handle });
  return [
    operation("CreateOrUpdate", "PUT", one, changing(putVault)),
    operation("Update", "PATCH", one, changing(patchVault)),
    operation("Get", "GET", one, (call) => ({
      status: 200,
      body: vaultBody(existingResource(call, VAULT_TYPE, parts), parts),
    })),
    operation("Delete", "DELETE", one, changing(remove)),
    operation("ListByResourceGroup", "GET", VAULTS, (call) => list(existingGroup(call, parts).name)),
    operation("ListBySubscription", "GET", `${SUBSCRIPTION}${PROVIDER}/vaults`, () => list()),
    operation("UpdateAccessPolicy", "PUT", `${one}/accessPolicies/:kind`, changing(changePolicies)),
    operation("CheckNameAvailability", "POST", `${SUBSCRIPTION}${PROVIDER}/checkNameAvailability`, (call) =>
      availability(call, parts),
    ),
    ...deletedVaultOperations(parts),
  ];
}
