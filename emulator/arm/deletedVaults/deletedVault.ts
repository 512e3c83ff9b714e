import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { SUBSCRIPTION_PATH } from "../armPaths";
import { regionKey } from "../regions";
import { armIdOf } from "../resources/armId";
import { propertiesOf } from "../vaults/vaultResource";
import type { DeletedVault } from "./deletedVaultStore";

const PROVIDER = "/providers/Microsoft.KeyVault";

/** The path below which the operations on deleted vaults of the subscription are. */
export const KEY_VAULT_PATH = `${SUBSCRIPTION_PATH}${PROVIDER}`;
/** The path below which the operations on the deleted vaults of a location are. */
export const KEY_VAULT_LOCATION_PATH = `${KEY_VAULT_PATH}/locations/:location`;

/** A location's path in ARM IDs. */
export const locationIdOf = (location: string, subscriptionId: string): string =>
  `/subscriptions/${subscriptionId}${PROVIDER}/locations/${location}`;

/** A deleted vault as ARM returns it. */
export function deletedVaultBody(
  { resource, deletedAt, purgeAt }: DeletedVault,
  { subscriptionId }: ArmDependencies,
): JsonObject {
  const { location, name, tags } = resource;
  return {
    id: `${locationIdOf(location, subscriptionId)}/deletedVaults/${name}`,
    name,
    type: "Microsoft.KeyVault/deletedVaults",
    properties: {
      vaultId: armIdOf(resource, subscriptionId),
      location,
      tags,
      deletionDate: new Date(deletedAt).toISOString(),
      scheduledPurgeDate: new Date(purgeAt).toISOString(),
      purgeProtectionEnabled: propertiesOf(resource).enablePurgeProtection,
    },
  };
}

/** The deleted vault of a request; throws 404. */
export function existingDeletedVault(request: Request, { deletedVaults }: ArmDependencies): DeletedVault {
  const { vaultName: name = "", location = "" } = request.params;
  const deleted = deletedVaults.named(name);
  if (deleted && regionKey(location) === deleted.resource.location) return deleted;
  throw frontError(404, "DeletedVaultNotFound", `The specified deleted vault '${name}' does not exist.`);
}
