import { nameError } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { etagMatches } from "../../kernel/etag";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError, frontError } from "../armErrors";
import { NAME } from "../armPaths";
import { checkSettled, existingGroup } from "../existingResource";
import { newEtag } from "../newEtag";
import { readLocation } from "../regions";
import { objectBody, tagsOf } from "../requestBody";
import type { Resource } from "../resources/resourceStore";
import { acceptedBody } from "./deviceServiceBody";
import { type DeviceServiceKind, deviceServicePath } from "./deviceServiceKind";

function checkBefore(
  kind: DeviceServiceKind,
  request: Request,
  before: Resource | undefined,
  deps: ArmDependencies,
): void {
  const group = existingGroup(request, deps);
  const name = request.params[NAME] ?? "";
  if (group.goneAt !== undefined) {
    const message = `The resource group '${group.name}' is in deprovisioning state and cannot perform this operation.`;
    throw frontError(409, "ResourceGroupBeingDeleted", message);
  }
  const error = nameError(kind.nameRule, name);
  if (error) throw devicesError(kind.nameErrorCode, `${error}.`, deps);
  if (!before) return;
  if (before.group.toLowerCase() !== group.name.toLowerCase()) {
    throw devicesError("nameTaken", `${kind.label} name '${name}' is not available.`, deps);
  }
  checkSettled(before, kind.label, deps);
}

function checkEtag(request: Request, body: JsonObject, before: Resource | undefined, deps: ArmDependencies): void {
  const requested = [request.headers["if-match"], body.etag].filter(
    (etag): etag is string => typeof etag === "string" && etag !== "",
  );
  if (requested.some((etag) => !before || !etagMatches(etag, before.etag))) {
    throw devicesError("staleEtag", "Invalid ETag supplied.", deps);
  }
}

function checkLimit({ type, label, limit }: DeviceServiceKind, deps: ArmDependencies): void {
  if (!deps.switches.throttling || deps.resources.list({ type }).length < limit) return;
  throw devicesError(
    "quotaExceeded",
    `The subscription has the maximum of ${limit} resources of the kind ${label}.`,
    deps,
  );
}

function write(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const body = objectBody(request);
  const before = deps.resources.named(kind.type, request.params[NAME] ?? "");
  checkBefore(kind, request, before, deps);
  const location = readLocation(body.location, kind.type);
  if (before && before.location !== location) {
    const message = `The resource '${before.name}' already exists in location '${before.location}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`;
    throw frontError(409, "InvalidResourceLocation", message);
  }
  const tags = tagsOf(body) ?? {};
  checkEtag(request, body, before, deps);
  const plan = kind.plan(body, location, before, deps, (hostName) => deps.directory.hub(hostName));
  if (!before) checkLimit(kind, deps);
  const readyAt = deps.longRunning.completionTime();
  const identity = body.identity ?? before?.identity;
  const resource: Resource = {
    key: before?.key ?? deps.ids.guid(),
    type: kind.type,
    name: before?.name ?? request.params[NAME] ?? "",
    group: existingGroup(request, deps).name,
    location,
    tags,
    ...plan,
    identity: identity ?? undefined,
    etag: newEtag(deps),
    createdAt: before?.createdAt ?? deps.clock.now().getTime(),
    readyAt,
  };
  deps.resources.put(resource);
  const { status } = deps.longRunning.start(request, kind.pollPath(deps.subscriptionId, location), readyAt);
  return {
    // 201 for an update too, as recorded from the service.
    status: 201,
    headers: { "azure-asyncoperation": status, ...deps.longRunning.retryAfter() },
    body: acceptedBody(kind, resource, before === undefined, deps),
  };
}

/** PUT of a hub or a provisioning service: creates it, or replaces its properties and keeps its keys. */
export const createOrUpdateDeviceService =
  (kind: DeviceServiceKind) =>
  (deps: ArmDependencies): Operation => ({
    name: `${kind.operations}_CreateOrUpdate`,
    method: "PUT",
    path: deviceServicePath(kind),
    handle: (request) => deps.commit(() => write(kind, request, deps)),
  });
