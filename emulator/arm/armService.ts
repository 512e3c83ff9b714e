import type { TokenJudge } from "../kernel/directory";
import type { Operation, Request } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import type { Services } from "../kernel/services";
import { checkBearer } from "./armAuthentication";
import type { ArmDependencies } from "./armDependencies";
import { ArmDirectory } from "./armDirectory";
import { frontError, notEmulated } from "./armErrors";
import { consumerGroupOperations } from "./consumerGroups/consumerGroupOperations";
import { DeletedVaultStore } from "./deletedVaults/deletedVaultStore";
import { deviceServiceOperations, pathOf, SUBSCRIPTION } from "./deviceServices/deviceServiceOperations";
import { HUB } from "./deviceServices/iotHub";
import { PROVISIONING_SERVICE } from "./deviceServices/provisioningService";
import { certificateOperations } from "./dpsCertificates/dpsCertificateOperations";
import { CertificateStore } from "./dpsCertificates/dpsCertificateStore";
import { LongRunning } from "./operationResults/longRunningOperations";
import { permissionOperations } from "./permissions/permissionOperations";
import { groupOperations } from "./resourceGroups/resourceGroupOperations";
import { GroupStore } from "./resourceGroups/resourceGroupStore";
import { sweep } from "./resources/removal";
import { ResourceStore } from "./resources/resourceStore";
import { roleAssignmentOperations } from "./roleAssignments/roleAssignmentOperations";
import { RoleAssignmentStore } from "./roleAssignments/roleAssignmentStore";
import { roleDefinitionOperations } from "./roleDefinitions/roleDefinitionOperations";
import { checkSubscription, subscriptionOperations } from "./subscriptions/subscriptionOperations";
import { vaultOperations } from "./vaults/vaultOperations";

/** ARM's tables and the directory over them. */
export function armDependencies(
  services: Services,
  ids: { readonly tenantId: string; readonly subscriptionId: string },
): ArmDependencies {
  const resources = new ResourceStore(services.database);
  const groups = new GroupStore(services.database);
  const certificates = new CertificateStore(services.database);
  const deletedVaults = new DeletedVaultStore(services.database);
  const roleAssignments = new RoleAssignmentStore(services.database);
  const directory = new ArmDirectory(resources, certificates, roleAssignments, ids.subscriptionId, services.clock);
  const tables = { groups, resources, certificates, deletedVaults, roleAssignments };
  return { ...services, ...ids, ...tables, directory, longRunning: new LongRunning(services) };
}

function pollOperations(deps: ArmDependencies): Operation[] {
  const poll = (name: string, path: string): Operation => ({
    name,
    method: "GET",
    path: `${SUBSCRIPTION}${path}/:operationId`,
    handle: (request) => deps.longRunning.poll(request),
  });
  const devices = "/providers/Microsoft.Devices";
  return [
    poll("OperationResults_Get", "/operationresults"),
    poll("IotHubResource_GetOperationResult", `${devices}/operationResults`),
    poll("IotDpsResource_GetOperationResult", `${devices}/locations/:location/provisioningserviceoperationresults`),
  ];
}

/** What an unknown path is about: the last resource type in it, or the path itself. */
function subjectOf(request: Request): string {
  const at = request.path.toLowerCase().lastIndexOf("/providers/");
  if (at < 0) return `${request.method} ${request.path}`;
  const [namespace = "", ...rest] = request.path.slice(at + "/providers/".length).split("/");
  const types = rest.filter((_, index) => index % 2 === 0);
  return `${request.method} of the resource type ${[namespace, ...types].join("/")}`;
}

/** Azure Resource Manager (management.azure.com). `more`: operations on what data planes keep. */
export function armService(
  deps: ArmDependencies,
  tokens: TokenJudge,
  more: readonly Operation[] = [],
): ServiceDefinition {
  const { ids } = deps;
  return {
    name: "arm",
    mergesSlashes: true,
    operations: [
      ...subscriptionOperations(SUBSCRIPTION, deps),
      ...groupOperations(SUBSCRIPTION, deps),
      ...pollOperations(deps),
      ...deviceServiceOperations(HUB, { keyPath: "IotHubKeys", availabilityPath: "checkNameAvailability" }, deps),
      ...consumerGroupOperations(pathOf(HUB), deps),
      ...deviceServiceOperations(
        PROVISIONING_SERVICE,
        { keyPath: "keys", availabilityPath: "checkProvisioningServiceNameAvailability" },
        deps,
      ),
      ...certificateOperations(pathOf(PROVISIONING_SERVICE), deps),
      ...vaultOperations(deps),
      ...roleAssignmentOperations(deps, (request) => checkBearer(request, tokens, deps.tenantId).objectId),
      ...roleDefinitionOperations(deps),
      ...more,
      ...permissionOperations(deps, (request) => checkBearer(request, tokens, deps.tenantId).objectId),
    ],
    headers() {
      const id = ids.guid();
      return {
        "cache-control": "no-cache",
        pragma: "no-cache",
        "x-ms-request-id": id,
        "x-ms-correlation-request-id": id,
        "x-ms-routing-request-id": `LOCAL:${id}`,
        "x-ms-ratelimit-remaining-subscription-reads": "11999",
        "x-ms-ratelimit-remaining-subscription-writes": "1199",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "x-content-type-options": "nosniff",
      };
    },
    before(request) {
      checkBearer(request, tokens, deps.tenantId);
      if (!request.query.get("api-version")) {
        const message = "The api-version query parameter (?api-version=) is required for all requests.";
        throw frontError(400, "MissingApiVersionParameter", message);
      }
      checkSubscription(request, deps);
      sweep(deps);
      return undefined;
    },
    notFound: (request) => notEmulated(subjectOf(request)),
    badBody: () =>
      frontError(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized."),
    badPath: () => frontError(400, "BadRequest", "The request's path is not percent-encoded as it should be."),
    internal: () => frontError(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
