import { API_VERSIONS } from "../../../azure/apiVersions";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { notEmulated } from "../armErrors";
import { SUBSCRIPTION_PATH } from "../armRequest";
import { REGION_NAMES, regionTitle } from "../regions";

/** The resource providers of the local Azure with their types and API versions. All are registered. */
const PROVIDERS: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.freeze({
  "Microsoft.Devices": { IotHubs: API_VERSIONS.iotHubs, provisioningServices: API_VERSIONS.provisioningServices },
  "Microsoft.App": {
    containerApps: "2025-02-02-preview",
    jobs: "2025-02-02-preview",
    managedEnvironments: "2025-02-02-preview",
  },
  "Microsoft.KeyVault": { vaults: "2023-07-01", deletedVaults: "2023-07-01" },
  "Microsoft.ManagedIdentity": { userAssignedIdentities: "2023-01-31" },
  "Microsoft.Authorization": { roleAssignments: "2022-04-01", roleDefinitions: "2022-04-01" },
  "Microsoft.Storage": { storageAccounts: "2024-01-01" },
  "Microsoft.Resources": { resourceGroups: API_VERSIONS.resourceGroups },
});

/** A resource provider as ARM returns it. */
const providerBody = (
  namespace: string,
  types: Readonly<Record<string, string>>,
  subscriptionId: string,
): JsonObject => ({
  id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
  namespace,
  registrationState: "Registered",
  registrationPolicy: "RegistrationRequired",
  resourceTypes: Object.entries(types).map(([resourceType, version]) => ({
    resourceType,
    locations: REGION_NAMES.map(regionTitle),
    apiVersions: [version],
  })),
});

/** Resource providers (Azure REST API "Providers"). To register one changes nothing. */
export function resourceProviderOperations({ subscriptionId }: ArmDependencies): Operation[] {
  const path = `${SUBSCRIPTION_PATH}/providers`;
  const bodies = Object.entries(PROVIDERS).map(([namespace, types]) => providerBody(namespace, types, subscriptionId));
  const get = ({ params: { namespace = "" } }: Request) => {
    const body = bodies.find((each) => String(each.namespace).toLowerCase() === namespace.toLowerCase());
    if (body) return { status: 200, body };
    throw notEmulated(`the resource provider ${namespace}`);
  };
  return [
    { name: "Providers_List", method: "GET", path, handle: () => ({ status: 200, body: { value: bodies } }) },
    { name: "Providers_Get", method: "GET", path: `${path}/:namespace`, handle: get },
    { name: "Providers_Register", method: "POST", path: `${path}/:namespace/register`, handle: get },
  ];
}
