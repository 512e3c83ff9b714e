import { API_VERSIONS } from "../../../azure/apiVersions";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { ArmDependencies } from "../armDependencies";
import { notEmulated } from "../armErrors";
import { HUB_TYPE } from "../deviceServices/iotHub";
import { SERVICE_TYPE } from "../deviceServices/provisioningService";
import { REGION_NAMES, regionTitle } from "../regions";

/** The resource providers of the local Azure, by namespace in lower case. All are registered. */
export const PROVIDERS = Object.freeze({
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

/** A resource provider as ARM returns it; throws 501 for any other. */
export function providerBody(namespace: string, { subscriptionId }: ArmDependencies): JsonObject {
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
