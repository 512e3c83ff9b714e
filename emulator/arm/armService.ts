import { isObject } from "../../azure/wire/jsonObject";
import { isApiVersion, type Operation, type Request, WireError } from "../kernel/operation";
import { LARGE_BODY_LIMIT, type ServiceDefinition } from "../kernel/service";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import { authenticateCaller } from "./armAuthentication";
import type { ArmDependencies } from "./armDependencies";
import type { ArmDirectory } from "./armDirectory";
import { frontError, notEmulated } from "./armErrors";
import { apiVersionOf } from "./armRequest";
import { removeDue } from "./cascadingDelete";
import { LongRunningOperations } from "./longRunningOperations";
import { containerAppOperations } from "./microsoftApp/containerAppOperations";
import { containerJobOperations } from "./microsoftApp/containerJobOperations";
import { managedEnvironmentOperations } from "./microsoftApp/managedEnvironmentOperations";
import { permissionOperations } from "./microsoftAuthorization/permissionOperations";
import { roleAssignmentOperations } from "./microsoftAuthorization/roleAssignmentOperations";
import { roleDefinitionOperations } from "./microsoftAuthorization/roleDefinitionOperations";
import { caCertificateOperations } from "./microsoftDevices/caCertificateOperations";
import { consumerGroupOperations } from "./microsoftDevices/consumerGroupOperations";
import { deviceProviderOperations } from "./microsoftDevices/deviceProviderOperations";
import { deviceServiceOperations } from "./microsoftDevices/deviceServiceOperations";
import { hubFailoverOperations } from "./microsoftDevices/hubFailoverOperations";
import { HUB } from "./microsoftDevices/iotHub";
import { PROVISIONING_SERVICE } from "./microsoftDevices/provisioningService";
import { deletedVaultOperations } from "./microsoftKeyVault/deletedVaultOperations";
import { DeletedVaultStore } from "./microsoftKeyVault/deletedVaultStore";
import { vaultOperations } from "./microsoftKeyVault/vaultOperations";
import { userAssignedIdentityOperations } from "./microsoftManagedIdentity/userAssignedIdentityOperations";
import { operationResultOperations } from "./microsoftResources/operationResultOperations";
import { resourceGroupOperations } from "./microsoftResources/resourceGroupOperations";
import { ResourceGroupStore } from "./microsoftResources/resourceGroupStore";
import { resourceOperations } from "./microsoftResources/resourceOperations";
import { resourceProviderOperations } from "./microsoftResources/resourceProviderOperations";
import { checkSubscription, subscriptionOperations } from "./microsoftResources/subscriptionOperations";
import { blobContainerOperations } from "./microsoftStorage/blobContainerOperations";
import { BlobContainerStore } from "./microsoftStorage/blobContainerStore";
import { immutabilityPolicyOperations } from "./microsoftStorage/immutabilityPolicyOperations";
import { storageAccountOperations } from "./microsoftStorage/storageAccountOperations";
import { privateEndpointOperations } from "./privateEndpointConnectionOperations";

/** Makes ARM's stores besides those of the directory. */
export function armDependencies(
  shared: SharedDependencies,
  { directory, ...options }: Pick<ArmDependencies, "tenantId" | "tokens"> & { readonly directory: ArmDirectory },
): ArmDependencies {
  const { database } = shared;
  const { subscriptionId, resources, certificateStore, roleAssignments, consumerGroups } = directory;
  return {
    ...shared,
    ...options,
    subscriptionId,
    directory,
    resources,
    certificates: certificateStore,
    roleAssignments,
    groups: new ResourceGroupStore(database),
    consumerGroups,
    blobContainers: new BlobContainerStore(database),
    deletedVaults: new DeletedVaultStore(database),
    longRunning: new LongRunningOperations(shared),
    commit(change) {
      const result = database.transaction(change);
      directory.changed();
      return result;
    },
  };
}

/** The last resource type in an unknown path, or the path itself. */
function subjectOf(request: Request): string {
  const at = request.path.toLowerCase().lastIndexOf("/providers/");
  if (at < 0) return `${request.method} ${request.path}`;
  const [namespace = "", ...rest] = request.path.slice(at + "/providers/".length).split("/");
  const types = rest.filter((_, index) => index % 2 === 0);
  return `${request.method} of the resource type ${[namespace, ...types].join("/")}`;
}

/** In this API version of hubs an error's `httpStatusCode` is a number (recorded). */
const NUMBERED = "2023-06-30-preview";

function withStatusNumber(error: WireError, request?: Request): WireError {
  const isNumbered =
    request !== undefined &&
    apiVersionOf(request) === NUMBERED &&
    /\/Microsoft\.Devices\/IotHubs\b/i.test(request.path);
  if (!isNumbered || !isObject(error.body) || error.body.httpStatusCode === undefined) return error;
  return new WireError(error.status, { ...error.body, httpStatusCode: error.status }, error.headers);
}

/** Makes Azure Resource Manager. `dataPlaneOperations`: those on what a data plane stores, the objects of vaults. */
export function armService(deps: ArmDependencies, dataPlaneOperations: readonly Operation[] = []): ServiceDefinition {
  return {
    name: "arm",
    mergesSlashes: true,
    operations: [
      ...subscriptionOperations(deps),
      ...resourceProviderOperations(deps),
      ...resourceOperations(deps),
      ...resourceGroupOperations(deps),
      ...operationResultOperations(deps),
      ...deviceServiceOperations(HUB, deps),
      ...consumerGroupOperations(deps),
      ...hubFailoverOperations(deps),
      ...deviceProviderOperations(),
      ...caCertificateOperations(HUB, deps),
      ...deviceServiceOperations(PROVISIONING_SERVICE, deps),
      ...caCertificateOperations(PROVISIONING_SERVICE, deps),
      ...userAssignedIdentityOperations(deps),
      ...storageAccountOperations(deps),
      ...blobContainerOperations(deps),
      ...immutabilityPolicyOperations(deps),
      ...managedEnvironmentOperations(deps),
      ...containerAppOperations(deps),
      ...containerJobOperations(deps),
      ...vaultOperations(deps),
      ...privateEndpointOperations(deps),
      ...deletedVaultOperations(deps),
      ...roleAssignmentOperations(deps),
      ...roleDefinitionOperations(deps),
      ...dataPlaneOperations,
      ...permissionOperations(deps),
    ],
    headers() {
      const id = deps.ids.guid();
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
      authenticateCaller(request, deps);
      if (!request.query.get("api-version")) {
        const message = "The api-version query parameter (?api-version=) is required for all requests.";
        throw frontError(400, "MissingApiVersionParameter", message);
      }
      if (!isApiVersion(request)) {
        const message = `The api-version '${request.query.get("api-version")}' is invalid: it is a date, such as 2023-06-30, or one with -preview.`;
        throw frontError(400, "InvalidApiVersionParameter", message);
      }
      checkSubscription(request, deps);
      removeDue(deps);
      return undefined;
    },
    complete: withStatusNumber,
    notFound: (request) => notEmulated(subjectOf(request)),
    badBody: () =>
      frontError(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized."),
    bodyLimit: LARGE_BODY_LIMIT,
    tooLarge: () =>
      frontError(413, "RequestContentTooLarge", "The request content size exceeds the maximum size of 4 MB."),
    badPath: () => frontError(400, "BadRequest", "The request's path is not percent-encoded as it should be."),
    internal: () => frontError(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
}
