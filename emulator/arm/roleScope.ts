import type { Request } from "../kernel/operation";
import type { ArmDependencies } from "./armDependencies";
import { frontError } from "./armErrors";
import { RESOURCE_GROUP_PATH, SUBSCRIPTION_PATH } from "./armPaths";

const RESOURCE = `${RESOURCE_GROUP_PATH}/providers/:namespace/:type/:resourceName`;

/** A kind of scope. */
export interface RoleScope {
  readonly label: string;
  /** The beginning of an operation's path. */
  readonly path: string;
}

/** The scopes of role assignments, as paths of operations: subscription, resource group, resource, child resource. */
export const ROLE_SCOPES: readonly RoleScope[] = Object.freeze([
  { label: "subscription", path: SUBSCRIPTION_PATH },
  { label: "resource group", path: RESOURCE_GROUP_PATH },
  { label: "resource", path: RESOURCE },
  { label: "part of a resource", path: `${RESOURCE}/:childType/:childName` },
]);

/** The scope of a request, an ARM ID. Throws 404 when its group, or its resource of an emulated type, does not exist. */
export function scopeOf(request: Request, { subscriptionId, groups, resources }: ArmDependencies): string {
  const { resourceGroupName, namespace, type, resourceName, childType, childName } = request.params;
  let scope = `/subscriptions/${subscriptionId}`;
  if (resourceGroupName === undefined) return scope;
  const group = groups.named(resourceGroupName);
  if (!group) {
    const message = `Resource group '${resourceGroupName}' could not be found.`;
    throw frontError(404, "ResourceGroupNotFound", message);
  }
  scope += `/resourceGroups/${group.name}`;
  if (namespace === undefined || type === undefined || resourceName === undefined) return scope;
  const found = resources.named(`${namespace}/${type}`, resourceName);
  const isInGroup = found?.group.toLowerCase() === group.name.toLowerCase();
  if (/^microsoft\.(keyvault|devices)$/i.test(namespace) && !isInGroup) {
    const message = `The Resource '${namespace}/${type}/${resourceName}' under resource group '${group.name}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
    throw frontError(404, "ResourceNotFound", message);
  }
  scope += `/providers/${found?.type ?? `${namespace}/${type}`}/${found?.name ?? resourceName}`;
  return childType === undefined ? scope : `${scope}/${childType}/${childName}`;
}
