import { vaultHost } from "../../../azure/hosts";
import type { Clock } from "../../kernel/clock";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { isObject, type JsonObject } from "../requestBody";
import type { Resource } from "../resources/resourceStore";
import { keepsOut } from "./vaultNetworkRules";
import type { VaultProperties } from "./vaultProperties";

/** The type of vaults. */
export const VAULT_TYPE = "Microsoft.KeyVault/vaults";

/** The ARM id of a vault, in Azure's letter case. */
export const vaultIdOf = ({ group, name }: Resource, subscriptionId: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${VAULT_TYPE}/${name}`;

/** The properties of a vault's resource. */
export const propertiesOf = (resource: Resource): VaultProperties => resource.properties as unknown as VaultProperties;

/** A vault as GET, PUT and the lists give it. */
export function vaultBody(
  resource: Resource,
  { subscriptionId, clock }: { readonly subscriptionId: string; readonly clock: Clock },
): JsonObject {
  const settled = clock.now().getTime() >= resource.readyAt;
  return {
    id: vaultIdOf(resource, subscriptionId),
    name: resource.name,
    type: VAULT_TYPE,
    location: resource.location,
    tags: resource.tags,
    properties: {
      ...resource.properties,
      enableSoftDelete: true,
      vaultUri: `https://${vaultHost(resource.name.toLowerCase())}/`,
      provisioningState: settled ? "Succeeded" : "RegisteringDns",
    },
  };
}

/** Why nobody from the public network gets in. */
function closedBy({ publicNetworkAccess, networkAcls }: VaultProperties): { closedBy?: "connection" | "firewall" } {
  if (publicNetworkAccess.toLowerCase() === "disabled") return { closedBy: "connection" };
  return networkAcls !== undefined && keepsOut(networkAcls) ? { closedBy: "firewall" } : {};
}

/** A vault as its data plane needs it. */
export function vaultRecord(resource: Resource, subscriptionId: string): VaultRecord {
  const properties = propertiesOf(resource);
  const lower = (names: readonly string[] | undefined) => (names ?? []).map((name) => name.toLowerCase());
  return {
    key: resource.key,
    name: resource.name,
    hostName: vaultHost(resource.name.toLowerCase()),
    id: vaultIdOf(resource, subscriptionId),
    tenantId: properties.tenantId,
    location: resource.location,
    enableRbacAuthorization: properties.enableRbacAuthorization,
    // A policy with an application is for that application on behalf of a user: nobody signs in that way here.
    accessPolicies: properties.accessPolicies
      .filter(({ applicationId }) => applicationId === undefined)
      .map(({ tenantId, objectId, permissions }) => ({
        tenantId,
        objectId,
        permissions: {
          keys: lower(permissions.keys),
          secrets: lower(permissions.secrets),
          certificates: lower(permissions.certificates),
        },
      })),
    softDeleteRetentionInDays: properties.softDeleteRetentionInDays,
    enablePurgeProtection: properties.enablePurgeProtection === true,
    isPremium: properties.sku.name === "premium",
    ...closedBy(properties),
  };
}

/** Properties out of a body, where they are an object. */
export const askedProperties = (body: JsonObject): JsonObject => (isObject(body.properties) ? body.properties : {});
