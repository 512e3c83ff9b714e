import type { Request } from "../kernel/operation";
import type { ArmDependencies } from "./armDependencies";
import { devicesError, frontError } from "./armErrors";
import { GROUP, NAME } from "./armPaths";
import type { ResourceGroup } from "./resourceGroups/resourceGroupStore";
import type { Resource } from "./resources/resourceStore";

/** The resource group of a request; throws `ResourceGroupNotFound`. */
export function existingGroup(request: Request, { groups }: Pick<ArmDependencies, "groups">): ResourceGroup {
  const name = request.params[GROUP] ?? "";
  const group = groups.named(name);
  if (group) return group;
  throw frontError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

/** The resource of a request, if it is in the request's group; throws `ResourceGroupNotFound` for an unknown group. */
export function resourceOf(
  request: Request,
  type: string,
  deps: Pick<ArmDependencies, "groups" | "resources">,
): Resource | undefined {
  const group = existingGroup(request, deps);
  const resource = deps.resources.named(type, request.params[NAME] ?? "");
  return resource?.group.toLowerCase() === group.name.toLowerCase() ? resource : undefined;
}

/** As above; throws ARM's `ResourceNotFound`. */
export function existingResource(
  request: Request,
  type: string,
  deps: Pick<ArmDependencies, "groups" | "resources">,
): Resource {
  const resource = resourceOf(request, type, deps);
  if (resource) return resource;
  const [group, name] = [request.params[GROUP], request.params[NAME]];
  const message = `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  throw frontError(404, "ResourceNotFound", message);
}

/** Throws 409002 while another change of a hub or a service is in progress (azurerm#21463). `label` is its kind. */
export function checkSettled(resource: Resource, label: string, deps: ArmDependencies): void {
  const isDeleting = resource.goneAt !== undefined;
  if (!isDeleting && deps.clock.now().getTime() >= resource.readyAt) return;
  const state = isDeleting ? "Deleting" : "Transitioning";
  throw devicesError(
    "notSettled",
    `${label} '${resource.name}' is in the state ${state} and cannot be changed now.`,
    deps,
  );
}
