import type { JsonObject } from "../../azure/wire/jsonObject";
import type { Request } from "../kernel/operation";
import type { ArmDependencies } from "./armDependencies";
import { checkGroupStays, checkLocationStays, existingGroup, NAME, objectAt, tagsOf } from "./armRequest";
import { readIdentity } from "./microsoftManagedIdentity/managedIdentity";
import { newEtag, type Resource } from "./microsoftResources/resourceStore";
import { readLocation } from "./regions";

/**
 * The resource of a PUT with what ARM itself reads: group, location, tags, SKU, identity. `properties` are those of the body.
 * Throws ARM's errors.
 */
export function trackedResource(
  request: Request,
  type: string,
  body: JsonObject,
  before: Resource | undefined,
  deps: ArmDependencies,
): Resource {
  const group = existingGroup(request, deps);
  checkGroupStays(group);
  const location = readLocation(body.location, type);
  checkLocationStays(before, location);
  return {
    key: before?.key ?? deps.ids.guid(),
    type,
    name: before?.name ?? request.params[NAME] ?? "",
    group: group.name,
    location,
    tags: tagsOf(body) ?? {},
    sku: objectAt(body, "sku"),
    identity: readIdentity(body.identity, before?.identity, false, deps),
    etag: newEtag(deps),
    scope: before?.scope,
    properties: objectAt(body, "properties"),
    policies: [],
    createdAt: before?.createdAt ?? deps.clock.now().getTime(),
    readyAt: deps.longRunning.completionTime(),
  };
}
