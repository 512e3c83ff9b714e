import { nameError } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { devicesError } from "../armErrors";
import { type ArmOperation, armOperations } from "../armOperations";
import {
  apiVersionOf,
  checkSettled,
  existingResource,
  groupOf,
  NAME,
  readDevicesBody,
  requestedName,
  resourceOf,
  SUBSCRIPTION_PATH,
  tagsOf,
} from "../armRequest";
import { removeResource } from "../cascadingDelete";
import { readIdentity } from "../microsoftManagedIdentity/managedIdentity";
import { newEtag } from "../microsoftResources/resourceStore";
import { createOrUpdateDeviceService } from "./createOrUpdateDeviceService";
import { type DeviceServiceKind, deviceServiceBody, deviceServicePath } from "./deviceServiceKind";
import { policyBody } from "./sharedAccessPolicies";

/** An operation on either kind. */
type Run = (kind: DeviceServiceKind, request: Request, deps: ArmDependencies) => Response;

const getDeviceService = (kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response => ({
  status: 200,
  body: deviceServiceBody(kind, existingResource(request, kind.type, deps), apiVersionOf(request), deps),
});

/** PATCH of a hub or a provisioning service: its tags and its identities. */
function updateTags(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const resource = existingResource(request, kind.type, deps);
  checkSettled(resource, kind.label, deps);
  const body = readDevicesBody(request, "arm.updateTags", deps);
  const identity = readIdentity(body.identity, resource.identity, true, deps);
  const changed = { ...resource, identity, tags: tagsOf(body) ?? resource.tags, etag: newEtag(deps) };
  deps.resources.put(changed);
  return { status: 200, body: deviceServiceBody(kind, changed, apiVersionOf(request), deps) };
}

/** DELETE of a hub or a provisioning service: a long-running operation. */
function deleteDeviceService(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const resource = resourceOf(request, kind.type, deps);
  if (!resource) return { status: 204 };
  // A second DELETE does not extend the first.
  const goneAt = resource.goneAt ?? deps.longRunning.completionTime();
  if (goneAt <= deps.clock.now().getTime()) removeResource(resource, deps);
  else deps.resources.put({ ...resource, goneAt });
  const path = kind.pollPath(deps.subscriptionId, resource.location);
  const { status, result } = deps.longRunning.start(request, path, goneAt);
  const headers = { "azure-asyncoperation": status, location: result, ...deps.longRunning.retryAfter() };
  return { status: 202, headers, body: null };
}

function listDeviceServices(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const resources = deps.resources.list({ type: kind.type, group: groupOf(request, deps)?.name });
  return {
    status: 200,
    body: { value: resources.map((each) => deviceServiceBody(kind, each, apiVersionOf(request), deps)) },
  };
}

/** The shared access policies, with their keys. */
const listKeys = (kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response => ({
  status: 200,
  body: { value: existingResource(request, kind.type, deps).policies.map(policyBody) },
});

/** One of the shared access policies, with its keys; throws 404016 when there is none of this name. */
function listKeysForKeyName(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const { policies } = existingResource(request, kind.type, deps);
  const name = request.params.keyName ?? "";
  const policy = policies.find(({ keyName }) => keyName.toLowerCase() === name.toLowerCase());
  if (!policy) throw devicesError("keyNotFound", `Key '${name}' not found.`, deps);
  return { status: 200, body: policyBody(policy) };
}

/** The SKUs to which a hub or a provisioning service can change. */
function listValidSkus(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  existingResource(request, kind.type, deps);
  return { status: 200, body: { value: kind.skus } };
}

/** Whether the name of a hub or a provisioning service is free. */
function checkName(kind: DeviceServiceKind, request: Request, deps: ArmDependencies): Response {
  const name = requestedName(request);
  const error = nameError(kind.nameRule, name);
  if (error) return { status: 200, body: { nameAvailable: false, reason: "Invalid", message: error } };
  if (deps.resources.named(kind.type, name)) {
    const message = `${kind.label} name '${name}' is not available`;
    return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
  }
  return { status: 200, body: { nameAvailable: true, reason: "Invalid", message: null } };
}

/** The operations that hubs and provisioning services have in common. */
export function deviceServiceOperations(kind: DeviceServiceKind, deps: ArmDependencies): Operation[] {
  const path = deviceServicePath(kind);
  const provider = `${SUBSCRIPTION_PATH}/providers/Microsoft.Devices`;
  const rows: readonly [name: string, method: Operation["method"], path: string, run: Run][] = [
    ["CreateOrUpdate", "PUT", path, createOrUpdateDeviceService],
    ["Get", "GET", path, getDeviceService],
    ["Update", "PATCH", path, updateTags],
    ["Delete", "DELETE", path, deleteDeviceService],
    ["ListByResourceGroup", "GET", path.slice(0, -`/:${NAME}`.length), listDeviceServices],
    ["ListBySubscription", "GET", `${provider}/${kind.segment}`, listDeviceServices],
    ["ListKeys", "POST", `${path}/listkeys`, listKeys],
    ["ListKeysForKeyName", "POST", `${path}/${kind.keyPath}/:keyName/listkeys`, listKeysForKeyName],
    ["ListValidSkus", "GET", `${path}/skus`, listValidSkus],
    ["CheckNameAvailability", "POST", `${provider}/${kind.availabilityPath}`, checkName],
  ];
  const named = rows.map(
    ([name, method, path, run]): ArmOperation => [
      `${kind.operations}_${name}`,
      method,
      path,
      (request) => run(kind, request, deps),
    ],
  );
  return armOperations(deps, named);
}
