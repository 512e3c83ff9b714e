/** IDs that a user gives to `pulumi import`, for resources that are in no state. */
import { serviceHost } from "../../../azure/hosts";
import { readVaultId, vaultUriOf } from "../../../azure/vaultIds";
import type { VaultTags } from "../../../azure/wire/vaultBundle";
import { OWNER_TAG } from "../vault/vaultObject";

/** The error for an ID of another form. `resource` begins the message, `form` completes "give …". */
export const importIdError = (resource: string, id: string, form: string): Error =>
  new Error(`${resource}: "${id}" is not an ID for import.\n  To fix: give ${form}.`);

/** The comma-separated parts of an ID. */
export const importIdParts = (id: string): readonly string[] => id.split(",").map((part) => part.trim());

/** The host name of a provisioning service that an ID names by its name or its host name. */
export const serviceEndpointOf = (service: string): string => (service.includes(".") ? service : serviceHost(service));

const SERVICE =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Devices\/provisioningServices\/[^/]+)(?:\/(iotHubs|identity))?\/?$/i;

/** The ARM ID of a provisioning service, given alone or with the `part` that a resource's own ID ends in. */
export function importedServiceId(resource: string, id: string, part: "iotHubs" | "identity"): string {
  const [, serviceId, last = part] = SERVICE.exec(id) ?? [];
  if (serviceId !== undefined && last.toLowerCase() === part.toLowerCase()) return serviceId;
  throw importIdError(resource, id, "/subscriptions/…/provisioningServices/NAME");
}

/** A vault's address in one spelling. */
export function importedVaultUri(resource: string, id: string): string {
  const uri = vaultUriOf(id);
  if (uri === undefined) throw importIdError(resource, id, "https://NAME.vault.azure.net");
  return uri;
}

/** The owner in the tag of an object in a vault. Without it the toolkit would take the object for another's. */
export function importedOwner(object: string, tags: VaultTags | undefined): string {
  const owner = tags?.[OWNER_TAG];
  if (owner !== undefined && owner !== "") return owner;
  const name = readVaultId(object)?.name ?? object;
  throw new Error(
    `"${name}" in the vault has no owner, so an import would take over what another tool may need.\n` +
      `  To fix: set its tag ${OWNER_TAG} to ORGANIZATION/PROJECT/STACK of the stack that imports it.`,
  );
}
