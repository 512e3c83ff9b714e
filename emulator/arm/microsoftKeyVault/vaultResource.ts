import { vaultHost } from "../../../azure/hosts";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Clock } from "../../kernel/clock";
import { type MemberVersions, visibleMembers } from "../../kernel/memberVersions";
import type { Request } from "../../kernel/operation";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { apiVersionOf, NAME, RESOURCE_GROUP_PATH } from "../armRequest";
import { armIdOf, type Change, commonBody, newEtag, type Resource } from "../microsoftResources/resourceStore";
import { privateEndpointConnectionsOf } from "../privateEndpointConnectionOperations";
import { refusesPublicCallers } from "./vaultNetworkRules";
import type { VaultProperties } from "./vaultProperties";

/** The resource type of vaults. */
export const VAULT_TYPE = "Microsoft.KeyVault/vaults";

/** The path of the vaults of a resource group. */
export const VAULTS_PATH = `${RESOURCE_GROUP_PATH}/providers/${VAULT_TYPE}`;
/** The path of one of them. */
export const VAULT_PATH = `${VAULTS_PATH}/:${NAME}`;

/** The properties of a vault's resource. */
export const propertiesOf = (resource: Resource): VaultProperties => resource.properties as unknown as VaultProperties;

/** Members of vaults by api-version: azure-mgmt-keyvault 10.3.1, which has a model of each. */
export const VAULT_VERSIONS: MemberVersions = Object.freeze({
  stable: {
    "2018-02-14": ["properties.networkAcls", "properties.privateEndpointConnections"],
    "2019-09-01": ["properties.enableRbacAuthorization", "properties.softDeleteRetentionInDays"],
    "2020-04-01": ["systemData"],
    "2021-06-01": ["properties.publicNetworkAccess"],
  },
});

/** Who created and changed a vault (recorded: azure-cli `test_keyvault_public_network_access.yaml`, for a user). */
function systemDataOf({ createdAt, createdBy, changed }: Resource): JsonObject | undefined {
  if (createdBy === undefined || changed === undefined) return undefined;
  return {
    createdBy,
    createdByType: "Application",
    createdAt: new Date(createdAt).toISOString(),
    lastModifiedBy: changed.by,
    lastModifiedByType: "Application",
    lastModifiedAt: new Date(changed.at).toISOString(),
  };
}

/** A vault as GET, PUT and the lists return it. */
export function vaultBody(
  resource: Resource,
  request: Request,
  deps: { readonly subscriptionId: string; readonly clock: Clock },
): JsonObject {
  const { subscriptionId, clock } = deps;
  const connections = privateEndpointConnectionsOf(resource, deps);
  const settled = clock.now().getTime() >= resource.readyAt;
  const { networkAcls, ...properties } = propertiesOf(resource);
  return visibleMembers(VAULT_VERSIONS, apiVersionOf(request), {
    ...commonBody(resource, subscriptionId),
    systemData: systemDataOf(resource),
    properties: {
      enabledForDeployment: false,
      ...properties,
      ...(networkAcls !== undefined && !isOpen(networkAcls) && { networkAcls }),
      ...(connections.length > 0 && { privateEndpointConnections: connections }),
      enableSoftDelete: true,
      vaultUri: `https://${vaultHost(resource.name.toLowerCase())}/`,
      provisioningState: settled ? "Succeeded" : "RegisteringDns",
    },
  });
}

/** Whether network rules are the default, which ARM leaves out (recorded). */
const isOpen = ({
  bypass = "AzureServices",
  defaultAction = "Allow",
  ipRules,
  virtualNetworkRules,
}: JsonObject): boolean =>
  String(bypass).toLowerCase() === "azureservices" &&
  String(defaultAction).toLowerCase() === "allow" &&
  [ipRules, virtualNetworkRules].every((rules) => !Array.isArray(rules) || rules.length === 0);

/** Why clients from the public network are refused. */
function closedBy({ publicNetworkAccess, networkAcls }: VaultProperties): { closedBy?: "connection" | "firewall" } {
  if (publicNetworkAccess.toLowerCase() === "disabled") return { closedBy: "connection" };
  return networkAcls !== undefined && refusesPublicCallers(networkAcls) ? { closedBy: "firewall" } : {};
}

/** A vault as its data plane reads it. */
export function vaultRecord(resource: Resource, subscriptionId: string): VaultRecord {
  const properties = propertiesOf(resource);
  const lower = (names: readonly string[] | undefined) => (names ?? []).map((name) => name.toLowerCase());
  return {
    key: resource.key,
    name: resource.name,
    hostName: vaultHost(resource.name.toLowerCase()),
    id: armIdOf(resource, subscriptionId),
    tenantId: properties.tenantId,
    location: resource.location,
    enableRbacAuthorization: properties.enableRbacAuthorization === true,
    // A policy with an application is for that application on behalf of a user, which is not emulated.
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

/** A vault with changed properties and a new ETag. */
export const withProperties = (
  resource: Resource,
  properties: VaultProperties,
  changed: Change,
  deps: Pick<SharedDependencies, "ids">,
): Resource => ({
  ...resource,
  changed,
  sku: properties.sku,
  etag: newEtag(deps),
  properties: { ...properties },
});
