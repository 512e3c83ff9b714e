import { API_VERSIONS } from "../../../azure/apiVersions";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError, notEmulated } from "../armErrors";
import { idOf } from "../deviceServices/deviceServiceBody";
import { HUB_TYPE } from "../deviceServices/iotHub";
import { SERVICE_TYPE } from "../deviceServices/provisioningService";
import { existingGroup, GROUP } from "../existingResource";
import { REGION_NAMES, regionTitle } from "../regions";
import type { JsonObject } from "../requestBody";
import type { Resource } from "../resources/resourceStore";

const subscriptionBody = ({ subscriptionId, tenantId }: ArmDependencies): JsonObject => ({
  id: `/subscriptions/${subscriptionId}`,
  subscriptionId,
  tenantId,
  displayName: "Local Azure",
  state: "Enabled",
  authorizationSource: "RoleBased",
  managedByTenants: [],
  subscriptionPolicies: {
    locationPlacementId: "Public_2014-09-01",
    quotaId: "PayAsYouGo_2014-09-01",
    spendingLimit: "Off",
  },
});

const list = (value: readonly unknown[]): Response => ({ status: 200, body: { value } });

/** The resource providers of the local Azure, all registered from the first. */
const PROVIDERS = Object.freeze({
  "microsoft.devices": {
    namespace: "Microsoft.Devices",
    types: [
      [HUB_TYPE.split("/")[1], API_VERSIONS.iotHubs],
      [SERVICE_TYPE.split("/")[1], API_VERSIONS.provisioningServices],
    ],
  },
  "microsoft.keyvault": {
    namespace: "Microsoft.KeyVault",
    types: [
      ["vaults", "2023-07-01"],
      ["deletedVaults", "2023-07-01"],
    ],
  },
  "microsoft.authorization": {
    namespace: "Microsoft.Authorization",
    types: [
      ["roleAssignments", "2022-04-01"],
      ["roleDefinitions", "2022-04-01"],
    ],
  },
  "microsoft.resources": {
    namespace: "Microsoft.Resources",
    types: [["resourceGroups", API_VERSIONS.resourceGroups]],
  },
} as const);

function providerBody(namespace: string, { subscriptionId }: ArmDependencies): JsonObject {
  const key = namespace.toLowerCase();
  const provider = Object.hasOwn(PROVIDERS, key) ? PROVIDERS[key as keyof typeof PROVIDERS] : undefined;
  if (!provider) throw notEmulated(`the resource provider ${namespace}`);
  return {
    id: `/subscriptions/${subscriptionId}/providers/${provider.namespace}`,
    namespace: provider.namespace,
    registrationState: "Registered",
    registrationPolicy: "RegistrationRequired",
    resourceTypes: provider.types.map(([resourceType, version]) => ({
      resourceType,
      locations: REGION_NAMES.map(regionTitle),
      apiVersions: [version],
    })),
  };
}

/** The fields of a filter, and what they are called in a resource. */
const FIELDS = Object.freeze({
  resourcetype: "type",
  resourcegroup: "group",
  name: "name",
  location: "location",
} as const);

/** `resourceType eq 'T'`, `resourceGroup eq 'G'` and their like, joined by `and`: what az and the SDKs ask for. Others are refused. */
function filterOf(text: string | undefined): (resource: Resource) => boolean {
  const tests = (text ?? "").split(/\s+and\s+/i).filter((part) => part.trim() !== "");
  const wanted = tests.map((part) => {
    const [, name = "", value = ""] =
      /^\s*(resourceType|resourceGroup|name|location)\s+eq\s+'([^']*)'\s*$/i.exec(part) ?? [];
    const field = FIELDS[name.toLowerCase() as keyof typeof FIELDS];
    if (field === undefined) throw notEmulated(`the filter ${part} on resources`);
    return [field, value.toLowerCase()] as const;
  });
  return (resource) => wanted.every(([field, value]) => resource[field].toLowerCase() === value);
}

function resourceList(request: Request, deps: ArmDependencies, group?: string): Response {
  const matches = filterOf(request.query.get("$filter"));
  const resources = deps.resources.list(group === undefined ? {} : { group }).filter(matches);
  return list(
    resources.map((resource) => ({
      id: idOf(resource, deps.subscriptionId),
      name: resource.name,
      type: resource.type,
      location: resource.location,
      tags: resource.tags,
      sku: resource.sku,
    })),
  );
}

/** Subscription, tenant, locations, providers, and the list of all resources. */
export function subscriptionOperations(subscription: string, deps: ArmDependencies): Operation[] {
  const { tenantId, subscriptionId } = deps;
  const get = (name: string, path: string, handle: (request: Request) => Response): Operation => ({
    name,
    method: "GET",
    path,
    handle,
  });
  return [
    get("Subscriptions_List", "/subscriptions", () => ({
      status: 200,
      body: { value: [subscriptionBody(deps)], count: { type: "Total", value: 1 } },
    })),
    get("Subscriptions_Get", subscription, () => ({ status: 200, body: subscriptionBody(deps) })),
    get("Tenants_List", "/tenants", () =>
      list([{ id: `/tenants/${tenantId}`, tenantId, displayName: "Local Azure", tenantCategory: "Home" }]),
    ),
    get("Subscriptions_ListLocations", `${subscription}/locations`, () =>
      list(
        REGION_NAMES.map((name) => ({
          id: `/subscriptions/${subscriptionId}/locations/${name}`,
          name,
          type: "Region",
          displayName: regionTitle(name),
          regionalDisplayName: regionTitle(name),
          metadata: { regionType: "Physical" },
        })),
      ),
    ),
    get("Providers_List", `${subscription}/providers`, () =>
      list(Object.keys(PROVIDERS).map((name) => providerBody(name, deps))),
    ),
    get("Providers_Get", `${subscription}/providers/:namespace`, (request) => ({
      status: 200,
      body: providerBody(request.params.namespace ?? "", deps),
    })),
    {
      name: "Providers_Register",
      method: "POST",
      path: `${subscription}/providers/:namespace/register`,
      handle: (request) => ({ status: 200, body: providerBody(request.params.namespace ?? "", deps) }),
    },
    get("Resources_List", `${subscription}/resources`, (request) => resourceList(request, deps)),
    get("Resources_ListByResourceGroup", `${subscription}/resourceGroups/:${GROUP}/resources`, (request) =>
      resourceList(request, deps, existingGroup(request, deps).name),
    ),
  ];
}

/** The one subscription there is; throws `SubscriptionNotFound` for any other. */
export function checkSubscription(request: Request, { subscriptionId }: Pick<ArmDependencies, "subscriptionId">): void {
  const asked = request.params.subscriptionId;
  if (asked === undefined || asked.toLowerCase() === subscriptionId) return;
  throw frontError(404, "SubscriptionNotFound", `The subscription '${asked}' could not be found.`);
}
