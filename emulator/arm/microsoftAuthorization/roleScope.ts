import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { existingGroup, existingResource, RESOURCE_GROUP_PATH, SUBSCRIPTION_PATH } from "../armRequest";

const RESOURCE = `${RESOURCE_GROUP_PATH}/providers/:namespace/:type/:resourceName`;

/** The scopes of role assignments: subscription, resource group, resource, child resource. `path` begins the operations' paths. */
export const ROLE_SCOPES = Object.freeze([
  { label: "subscription", path: SUBSCRIPTION_PATH },
  { label: "resource group", path: RESOURCE_GROUP_PATH },
  { label: "resource", path: RESOURCE },
  { label: "part of a resource", path: `${RESOURCE}/:childType/:childName` },
]);

/**
 * The scope of a request, an ARM ID; the subscription's without a group. Throws 404 when its group, or its resource of an
 * emulated type, does not exist.
 */
export function scopeOf(request: Request, deps: ArmDependencies): string {
  const { resourceGroupName, namespace, type, resourceName, childType, childName } = request.params;
  const subscription = `/subscriptions/${deps.subscriptionId}`;
  if (resourceGroupName === undefined) return subscription;
  const group = `${subscription}/resourceGroups/${existingGroup(request, deps).name}`;
  if (namespace === undefined || type === undefined || resourceName === undefined) return group;
  const fullType = `${namespace}/${type}`;
  const isEmulated = /^microsoft\.(keyvault|devices|managedidentity)$/i.test(namespace);
  const found = isEmulated ? existingResource(request, fullType, deps) : { type: fullType, name: resourceName };
  const resource = `${group}/providers/${found.type}/${found.name}`;
  return childType === undefined ? resource : `${resource}/${childType}/${childName}`;
}
