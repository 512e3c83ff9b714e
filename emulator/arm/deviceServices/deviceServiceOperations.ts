import { nameFault } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError, frontError } from "../armErrors";
import { checkSettled, existingGroup, existingResource, GROUP, NAME, resourceOf } from "../existingResource";
import { newEtag } from "../newEtag";
import { objectBody, tagsOf } from "../requestBody";
import { removeResource } from "../resources/removal";
import { createOrUpdate } from "./createOrUpdateDeviceService";
import { resourceBody } from "./deviceServiceBody";
import type { DeviceServiceKind } from "./deviceServiceKind";
import { policyBody } from "./sharedAccessPolicies";

/** The path of the subscription in every operation's path. */
export const SUBSCRIPTION = "/subscriptions/:subscriptionId";

/** The path of a resource of a kind, for example `/subscriptions/:subscriptionId/resourceGroups/…/IotHubs/:resourceName`. */
export const pathOf = (kind: DeviceServiceKind): string =>
  `${SUBSCRIPTION}/resourceGroups/:${GROUP}/providers/Microsoft.Devices/${kind.segment}/:${NAME}`;

function remove(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const resource = resourceOf(request, kind.type, deps);
  if (!resource) return { status: 204 };
  // Who asks twice does not make it last longer.
  const goneAt = resource.goneAt ?? deps.longRunning.endOfOneStartedNow();
  const urls = deps.database.transaction(() => {
    if (goneAt <= deps.clock.now().getTime()) removeResource(resource, deps);
    else deps.resources.put({ ...resource, goneAt });
    return deps.longRunning.start(request, kind.pollPath(deps.subscriptionId, resource.location), goneAt);
  });
  deps.directory.changed();
  const headers = { "azure-asyncoperation": urls.status, location: urls.result, ...deps.longRunning.retryAfter() };
  return { status: 202, headers, body: null };
}

function patchTags(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const resource = existingResource(request, kind.type, deps);
  checkSettled(resource, kind.label, deps);
  const tags = tagsOf(objectBody(request)) ?? resource.tags;
  const changed = { ...resource, tags, etag: newEtag(deps) };
  deps.resources.put(changed);
  deps.directory.changed();
  return { status: 200, body: resourceBody(kind, changed, deps) };
}

function oneKey(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const resource = existingResource(request, kind.type, deps);
  const name = request.params.keyName ?? "";
  const policy = resource.policies.find(({ keyName }) => keyName.toLowerCase() === name.toLowerCase());
  if (!policy) throw devicesError("keyNotFound", `Key '${name}' not found.`, deps);
  return { status: 200, body: policyBody(policy) };
}

function availability(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const { name } = objectBody(request);
  if (typeof name !== "string") throw frontError(400, "InvalidRequestContent", "The request has no 'name'.");
  const fault = nameFault(kind.nameRule, name);
  if (fault) return { status: 200, body: { nameAvailable: false, reason: "Invalid", message: fault } };
  if (deps.resources.named(kind.type, name)) {
    const message = `${kind.label} name '${name}' is not available`;
    return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
  }
  return { status: 200, body: { nameAvailable: true, reason: "Invalid", message: null } };
}

/** The operations that hubs and provisioning services have in common. `keyPath` is what stands before a key's name. */
export function deviceServiceOperations(
  kind: DeviceServiceKind,
  { keyPath, availabilityPath }: { readonly keyPath: string; readonly availabilityPath: string },
  deps: ArmDependencies,
): Operation[] {
  const path = pathOf(kind);
  const operation = (
    name: string,
    method: Operation["method"],
    at: string,
    handle: (request: Request) => Response,
  ): Operation => ({ name: `${kind.operations}_${name}`, method, path: at, handle });
  const list = (group?: string): Response => {
    const filter = group === undefined ? { type: kind.type } : { type: kind.type, group };
    return {
      status: 200,
      body: { value: deps.resources.list(filter).map((item) => resourceBody(kind, item, deps)) },
    };
  };
  return [
    createOrUpdate(kind, path, deps),
    operation("Get", "GET", path, (request) => ({
      status: 200,
      body: resourceBody(kind, existingResource(request, kind.type, deps), deps),
    })),
    operation("Update", "PATCH", path, (request) => patchTags(kind, request, deps)),
    operation("Delete", "DELETE", path, (request) => remove(kind, request, deps)),
    operation("ListByResourceGroup", "GET", path.slice(0, -`/:${NAME}`.length), (request) =>
      list(existingGroup(request, deps).name),
    ),
    operation("ListBySubscription", "GET", `${SUBSCRIPTION}/providers/Microsoft.Devices/${kind.segment}`, () => list()),
    operation("ListKeys", "POST", `${path}/listkeys`, (request) => ({
      status: 200,
      body: { value: existingResource(request, kind.type, deps).policies.map(policyBody) },
    })),
    operation("ListKeysForKeyName", "POST", `${path}/${keyPath}/:keyName/listkeys`, (request) =>
      oneKey(kind, request, deps),
    ),
    operation("ListValidSkus", "GET", `${path}/skus`, (request) => {
      existingResource(request, kind.type, deps);
      return { status: 200, body: { value: kind.skus } };
    }),
    operation(
      "CheckNameAvailability",
      "POST",
      `${SUBSCRIPTION}/providers/Microsoft.Devices/${availabilityPath}`,
      (request) => availability(kind, request, deps),
    ),
  ];
}
