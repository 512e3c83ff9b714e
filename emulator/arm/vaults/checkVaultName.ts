import { nameError } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { SUBSCRIPTION_PATH } from "../armPaths";
import { objectBody } from "../requestBody";
import { VAULT_TYPE } from "./vaultResource";

function check(request: Request, deps: ArmDependencies): Response {
  const { name } = objectBody(request);
  if (typeof name !== "string") throw frontError(400, "InvalidRequestContent", "The request has no 'name'.");
  const error = nameError("keyVault", name);
  if (error) return { status: 200, body: { nameAvailable: false, reason: "AccountNameInvalid", message: `${error}.` } };
  if (!deps.resources.named(VAULT_TYPE, name) && !deps.deletedVaults.named(name)) {
    return { status: 200, body: { nameAvailable: true } };
  }
  const message = `The vault name '${name}' is already in use, by a vault or by one that was deleted and not purged.`;
  return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
}

/** Whether the name of a vault is free. */
export const checkVaultName = (deps: ArmDependencies): Operation => ({
  name: "Vaults_CheckNameAvailability",
  method: "POST",
  path: `${SUBSCRIPTION_PATH}/providers/Microsoft.KeyVault/checkNameAvailability`,
  handle: (request) => check(request, deps),
});
