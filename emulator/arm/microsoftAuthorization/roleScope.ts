import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { existingGroup, existingResource, RESOURCE_GROUP_PATH, SUBSCRIPTION_PATH } from "../armRequest";
import { CONTAINER_PATH, containerId, existingContainer } from "../microsoftStorage/blobContainerResource";

const RESOURCE = `${RESOURCE_GROUP_PATH}/providers/:namespace/:type/:resourceName`;

/** What no name of a resource has (ARM, "Naming rules and restrictions"). */
const FORBIDDEN = /[<>%&\\?/\p{Cc}\p{Surrogate}]/u;

/** The scopes of role assignments: subscription, resource group, resource, child resource. `path` begins the operations' paths. */
export const ROLE_SCOPES = Object.freeze([
  { label: "subscription", path: SUBSCRIPTION_PATH },
  { label: "resource group", path: RESOURCE_GROUP_PATH },
  { label: "resource", path: RESOURCE },
  { label: "part of a resource", path: `${RESOURCE}/:childType/:childName` },
  { label: "container of blobs", path: CONTAINER_PATH },
]);

/**
 * The scope of a request, an ARM ID; the subscription's without a group. Throws 400 for a name that no resource has, 404 when its group, or its resource of an
 * emulated type, does not exist.
 */
export function scopeOf(request: Request, deps: ArmDependencies): string {
  const { resourceGroupName, namespace, type, resourceName, childType, childName, containerName } = request.params;
  const subscription = `/subscriptions/${deps.subscriptionId}`;
  if (resourceGroupName === undefined) return subscription;
  if (containerName !== undefined) {
    const { account, container } = existingContainer(request, deps);
    return containerId(account, container.name, deps.subscriptionId);
  }
  const group = `${subscription}/resourceGroups/${existingGroup(request, deps).name}`;
  if (namespace === undefined || type === undefined || resourceName === undefined) return group;
  const segments = [namespace, type, resourceName, childType ?? "", childName ?? ""];
  if (segments.some((each) => FORBIDDEN.test(each))) {
    throw frontError(
      400,
      "InvalidResourceName",
      "The name of a resource in the scope has characters that are not allowed.",
    );
  }
  const fullType = `${namespace}/${type}`;
  const isEmulated = /^microsoft\.(app|devices|keyvault|managedidentity|storage)$/i.test(namespace);
  const found = isEmulated ? existingResource(request, fullType, deps) : { type: fullType, name: resourceName };
  const resource = `${group}/providers/${found.type}/${found.name}`;
  return childType === undefined ? resource : `${resource}/${childType}/${childName}`;
}
