import type { Call, Operation } from "../kernel/call";
import type { TokenJudge } from "../kernel/directory";
import type { ServiceFace } from "../kernel/service";
import type { Services } from "../kernel/services";
import { permissionOperations } from "./authorization/permissions";
import { roleAssignmentOperations } from "./authorization/roleAssignments";
import { RoleAssignmentTable } from "./authorization/roleAssignmentTable";
import { roleDefinitionOperations } from "./authorization/roleDefinitions";
import { checkBearer } from "./bearer";
import { certificateOperations } from "./certificates";
import { CertificateTable } from "./certificates/certificateTable";
import { deviceServiceOperations, pathOf, SUBSCRIPTION } from "./devices";
import { consumerGroupOperations } from "./devices/consumerGroups";
import { HUB } from "./devices/hub";
import { PROVISIONING_SERVICE } from "./devices/provisioningService";
import { ArmDirectory } from "./directory";
import { frontError, notEmulated } from "./errors";
import { groupOperations } from "./groups";
import { GroupTable } from "./groupTable";
import { LongRunning } from "./longRunning";
import type { ArmParts } from "./parts";
import { sweep } from "./removal";
import { ResourceTable } from "./resourceTable";
import { checkSubscription, subscriptionOperations } from "./subscription";
import { vaultOperations } from "./vaults";
import { DeletedVaultTable } from "./vaults/deletedVaultTable";

/** ARM's tables and the directory over them. */
export function armParts(
  services: Services,
  ids: { readonly tenantId: string; readonly subscriptionId: string },
): ArmParts {
  const resources = new ResourceTable(services.store);
  const groups = new GroupTable(services.store);
  const certificates = new CertificateTable(services.store);
  const deletedVaults = new DeletedVaultTable(services.store);
  const roleAssignments = new RoleAssignmentTable(services.store);
  const directory = new ArmDirectory(resources, certificates, roleAssignments, ids.subscriptionId, services.clock);
  const tables = { groups, resources, certificates, deletedVaults, roleAssignments };
  return { ...services, ...ids, ...tables, directory, longRunning: new LongRunning(services) };
}

function pollOperations(parts: ArmParts): Operation[] {
  const poll = (name: string, path: string): Operation => ({
    name,
    method: "GET",
    path: `${SUBSCRIPTION}${path}/:operationId`,
    handle: (call) => parts.longRunning.poll(call),
  });
  const devices = "/providers/Microsoft.Devices";
  return [
    poll("OperationResults_Get", "/operationresults"),
    poll("IotHubResource_GetOperationResult", `${devices}/operationResults`),
    poll("IotDpsResource_GetOperationResult", `${devices}/locations/:location/provisioningserviceoperationresults`),
  ];
}

/** What an unknown path is about: the last resource type in it, or the path itself. */
function subjectOf(call: Call): string {
  const at = call.path.toLowerCase().lastIndexOf("/providers/");
  if (at < 0) return `${call.method} ${call.path}`;
  const [namespace = "", ...rest] = call.path.slice(at + "/providers/".length).split("/");
  const types = rest.filter((_, index) => index % 2 === 0);
  return `${call.method} of the resource type ${[namespace, ...types].join("/")}`;
}

/** Azure Resource Manager (management.azure.com). `more`: operations on what data planes keep. */
export function armFace(parts: ArmParts, tokens: TokenJudge, more: readonly Operation[] = []): ServiceFace {
  const { ids } = parts;
  return {
    name: "arm",
    mergesSlashes: true,
    operations: [
      ...subscriptionOperations(SUBSCRIPTION, parts),
      ...groupOperations(SUBSCRIPTION, parts),
      ...pollOperations(parts),
      ...deviceServiceOperations(HUB, { keyPath: "IotHubKeys", availabilityPath: "checkNameAvailability" }, parts),
      ...consumerGroupOperations(pathOf(HUB), parts),
      ...deviceServiceOperations(
        PROVISIONING_SERVICE,
        { keyPath: "keys", availabilityPath: "checkProvisioningServiceNameAvailability" },
        parts,
      ),
      ...certificateOperations(pathOf(PROVISIONING_SERVICE), parts),
      ...vaultOperations(parts),
      ...roleAssignmentOperations(parts, (call) => checkBearer(call, tokens, parts.tenantId).objectId),
      ...roleDefinitionOperations(parts),
      ...more,
      ...permissionOperations(parts, (call) => checkBearer(call, tokens, parts.tenantId).objectId),
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
    before(call) {
      checkBearer(call, tokens, parts.tenantId);
      if (!call.query.get("api-version")) {
        const message = "The api-version query parameter (?api-version=) is required for all requests.";
        throw frontError(400, "MissingApiVersionParameter", message);
      }
      checkSubscription(call, parts);
      sweep(parts);
      return undefined;
    },
    notFound: (call) => notEmulated(subjectOf(call)),
    badBody: () =>
      frontError(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized."),
    badPath: () => frontError(400, "BadRequest", "The request's path is not percent-encoded as it should be."),
    internal: () => frontError(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
