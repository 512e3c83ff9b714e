import { nameFault } from "../../../azure/names";
import type { Answer, Call, Operation } from "../../kernel/call";
import { devicesError, frontError } from "../errors";
import { newEtag } from "../etag";
import { checkSettled, existingGroup, existingResource, GROUP, NAME, resourceOf } from "../existing";
import type { ArmParts } from "../parts";
import { removeResource } from "../removal";
import { objectBody, tagsOf } from "../requestBody";
import { createOrUpdate } from "./createOrUpdate";
import type { DeviceServiceKind } from "./kind";
import { policyBody } from "./policies";
import { resourceBody } from "./resourceBody";

/** The path of the subscription in every operation's path. */
export const SUBSCRIPTION = "/subscriptions/:subscriptionId";

/** The path of a resource of a kind, for example `/subscriptions/:subscriptionId/resourceGroups/…/IotHubs/:resourceName`. */
export const pathOf = (kind: DeviceServiceKind): string =>
  `${SUBSCRIPTION}/resourceGroups/:${GROUP}/providers/Microsoft.Devices/${kind.segment}/:${NAME}`;

function remove(kind: DeviceServiceKind, call: Call, parts: ArmParts): Answer {
  const resource = resourceOf(call, kind.type, parts);
  if (!resource) return { status: 204 };
  // Who asks twice does not make it last longer.
  const goneAt = resource.goneAt ?? parts.longRunning.endOfOneStartedNow();
  const urls = parts.store.transaction(() => {
    if (goneAt <= parts.clock.now().getTime()) removeResource(resource, parts);
    else parts.resources.put({ ...resource, goneAt });
    return parts.longRunning.start(call, kind.pollPath(parts.subscriptionId, resource.location), goneAt);
  });
  parts.directory.changed();
  const headers = { "azure-asyncoperation": urls.status, location: urls.result, ...parts.longRunning.retryAfter() };
  return { status: 202, headers, body: null };
}

function patchTags(kind: DeviceServiceKind, call: Call, parts: ArmParts): Answer {
  const resource = existingResource(call, kind.type, parts);
  checkSettled(resource, kind.label, parts);
  const tags = tagsOf(objectBody(call)) ?? resource.tags;
  const changed = { ...resource, tags, etag: newEtag(parts) };
  parts.resources.put(changed);
  parts.directory.changed();
  return { status: 200, body: resourceBody(kind, changed, parts) };
}

function oneKey(kind: DeviceServiceKind, call: Call, parts: ArmParts): Answer {
  const resource = existingResource(call, kind.type, parts);
  const name = call.params.keyName ?? "";
  const policy = resource.policies.find(({ keyName }) => keyName.toLowerCase() === name.toLowerCase());
  if (!policy) throw devicesError("keyNotFound", `Key '${name}' not found.`, parts);
  return { status: 200, body: policyBody(policy) };
}

function availability(kind: DeviceServiceKind, call: Call, parts: ArmParts): Answer {
  const { name } = objectBody(call);
  if (typeof name !== "string") throw frontError(400, "InvalidRequestContent", "The request has no 'name'.");
  const fault = nameFault(kind.nameRule, name);
  if (fault) return { status: 200, body: { nameAvailable: false, reason: "Invalid", message: fault } };
  if (parts.resources.named(kind.type, name)) {
    const message = `${kind.label} name '${name}' is not available`;
    return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
  }
  return { status: 200, body: { nameAvailable: true, reason: "Invalid", message: null } };
}

/** The operations that hubs and provisioning services have in common. `keyPath` is what stands before a key's name. */
export function deviceServiceOperations(
  kind: DeviceServiceKind,
  { keyPath, availabilityPath }: { readonly keyPath: string; readonly availabilityPath: string },
  parts: ArmParts,
): Operation[] {
  const path = pathOf(kind);
  const operation = (
    name: string,
    method: Operation["method"],
    at: string,
    handle: (call: Call) => Answer,
  ): Operation => ({ name: `${kind.operations}_${name}`, method, path: at, handle });
  const list = (group?: string): Answer => {
    const filter = group === undefined ? { type: kind.type } : { type: kind.type, group };
    return {
      status: 200,
      body: { value: parts.resources.list(filter).map((item) => resourceBody(kind, item, parts)) },
    };
  };
  return [
    createOrUpdate(kind, path, parts),
    operation("Get", "GET", path, (call) => ({
      status: 200,
      body: resourceBody(kind, existingResource(call, kind.type, parts), parts),
    })),
    operation("Update", "PATCH", path, (call) => patchTags(kind, call, parts)),
    operation("Delete", "DELETE", path, (call) => remove(kind, call, parts)),
    operation("ListByResourceGroup", "GET", path.slice(0, -`/:${NAME}`.length), (call) =>
      list(existingGroup(call, parts).name),
    ),
    operation("ListBySubscription", "GET", `${SUBSCRIPTION}/providers/Microsoft.Devices/${kind.segment}`, () => list()),
    operation("ListKeys", "POST", `${path}/listkeys`, (call) => ({
      status: 200,
      body: { value: existingResource(call, kind.type, parts).policies.map(policyBody) },
    })),
    operation("ListKeysForKeyName", "POST", `${path}/${keyPath}/:keyName/listkeys`, (call) =>
      oneKey(kind, call, parts),
    ),
    operation("ListValidSkus", "GET", `${path}/skus`, (call) => {
      existingResource(call, kind.type, parts);
      return { status: 200, body: { value: kind.skus } };
    }),
    operation(
      "CheckNameAvailability",
      "POST",
      `${SUBSCRIPTION}/providers/Microsoft.Devices/${availabilityPath}`,
      (call) => availability(kind, call, parts),
    ),
  ];
}
