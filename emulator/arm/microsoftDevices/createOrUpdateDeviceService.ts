import { nameError } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { etagMatches } from "../../kernel/etag";
import { knowsMember, withUnknownMembers } from "../../kernel/memberVersions";
import type { Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import {
  apiVersionOf,
  checkGroupStays,
  checkLocationStays,
  checkSettled,
  existingGroup,
  ifMatchOf,
  NAME,
  readDevicesBody,
  tagsOf,
} from "../armRequest";
import { readIdentity } from "../microsoftManagedIdentity/managedIdentity";
import type { ResourceGroup } from "../microsoftResources/resourceGroupStore";
import { newEtag, type Resource } from "../microsoftResources/resourceStore";
import { readLocation } from "../regions";
import { acceptedBody, type DeviceServiceKind } from "./deviceServiceKind";

function checkBefore(
  kind: DeviceServiceKind,
  group: ResourceGroup,
  name: string,
  before: Resource | undefined,
  deps: ArmDependencies,
): void {
  checkGroupStays(group);
  const error = nameError(kind.nameRule, name);
  if (error) throw devicesError(kind.nameErrorCode, `${error}.`, deps);
  if (!before) return;
  if (before.group.toLowerCase() !== group.name.toLowerCase()) {
    throw devicesError("nameTaken", `${kind.label} name '${name}' is not available.`, deps);
  }
  checkSettled(before, kind.label, deps);
}

/** An `etag` in the body is no precondition (recorded: azure-sdk-for-net `LinkedHubsTests`), only If-Match is. */
function checkEtag(request: Request, before: Resource | undefined, deps: ArmDependencies): void {
  const given = ifMatchOf(request);
  if (given && (!before || !etagMatches(given, before.etag))) {
    throw devicesError("staleEtag", "Invalid ETag supplied.", deps);
  }
}

function checkLimit({ type, label, limit }: DeviceServiceKind, deps: ArmDependencies): void {
  if (!deps.switches.throttling || deps.resources.list({ type }).length < limit) return;
  const message = `The subscription has the maximum of ${limit} resources of the kind ${label}.`;
  throw devicesError("quotaExceeded", message, deps);
}

/** What a resource has of the members that a PUT can leave as they are. */
const storedMembers = (before: Resource | undefined): JsonObject => ({ properties: before?.properties ?? {} });

/** PUT of a hub or a provisioning service: creates it, or replaces its properties and keeps its keys. */
export function createOrUpdateDeviceService(
  kind: DeviceServiceKind,
  request: Request,
  deps: ArmDependencies,
): Response {
  const name = request.params[NAME] ?? "";
  const before = deps.resources.named(kind.type, name);
  const apiVersion = apiVersionOf(request);
  const sent = readDevicesBody(request, kind.schema, deps);
  const body = withUnknownMembers(kind.versions, apiVersion, { properties: {}, ...sent }, storedMembers(before));
  const group = existingGroup(request, deps);
  checkBefore(kind, group, name, before, deps);
  const location = readLocation(body.location, kind.type);
  checkLocationStays(before, location);
  const tags = tagsOf(body) ?? {};
  checkEtag(request, before, deps);
  const identity = knowsMember(kind.versions, apiVersion, "identity")
    ? readIdentity(body.identity, before?.identity, false, deps)
    : before?.identity;
  const plan = kind.plan(body, before, { identity, apiVersion }, deps);
  if (!before) checkLimit(kind, deps);
  const readyAt = deps.longRunning.completionTime();
  const resource: Resource = {
    key: before?.key ?? deps.ids.guid(),
    type: kind.type,
    name: before?.name ?? name,
    group: group.name,
    location,
    // Returned as it was sent (recorded: azure-sdk-for-net, UpdateSku).
    writtenLocation: String(body.location),
    tags,
    ...plan,
    identity,
    etag: newEtag(deps),
    privateEndpointConnections: before?.privateEndpointConnections,
    isFailedOver: before?.isFailedOver,
    createdAt: before?.createdAt ?? deps.clock.now().getTime(),
    readyAt,
  };
  deps.resources.put(resource);
  const { status } = deps.longRunning.start(request, kind.pollPath(deps.subscriptionId, location), readyAt);
  return {
    // 201 for an update too, as recorded from the service.
    status: 201,
    headers: { "azure-asyncoperation": status, ...deps.longRunning.retryAfter() },
    body: acceptedBody(kind, resource, { isNew: before === undefined, etag: body.etag ?? undefined, apiVersion }, deps),
  };
}
