import type { Operation, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SUBSCRIPTION_PATH } from "../armPaths";
import { existingGroup } from "../existingResource";
import { VAULT_TYPE, VAULTS_PATH, vaultBody } from "./vaultResource";

function list(deps: ArmDependencies, group?: string): Response {
  const vaults = deps.resources.list({ type: VAULT_TYPE, group });
  return { status: 200, body: { value: vaults.map((each) => vaultBody(each, deps)) } };
}

/** The vaults of a resource group. */
export const listVaultsOfGroup = (deps: ArmDependencies): Operation => ({
  name: "Vaults_ListByResourceGroup",
  method: "GET",
  path: VAULTS_PATH,
  handle: (request) => list(deps, existingGroup(request, deps).name),
});

/** The vaults of the subscription. */
export const listVaults = (deps: ArmDependencies): Operation => ({
  name: "Vaults_ListBySubscription",
  method: "GET",
  path: `${SUBSCRIPTION_PATH}/providers/${VAULT_TYPE}`,
  handle: () => list(deps),
});
