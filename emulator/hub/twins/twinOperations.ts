import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { HubRecord } from "../../kernel/directory";
import type { Operation, Request, Response } from "../../kernel/operation";
import { ofApiVersion } from "../devices/identityVersions";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { wireModuleTwin, wireTwin } from "./twinBody";
import { checkTwin, readPatch, readSections } from "./twinSections";

const keyOf = ({ params }: Request): DeviceKey => ({ deviceId: params.deviceId ?? "", moduleId: params.moduleId });

/** Returns a twin with its owners. Throws DeviceNotFound, also for a module (measured on Azure: mwalser/terraform-provider-iothub). */
function existingTwin(hub: HubRecord, key: DeviceKey, deps: HubDependencies) {
  const { deviceId, moduleId } = key;
  const module = moduleId === undefined ? undefined : deps.modules.find(hub.key, deviceId, moduleId);
  const identity = deps.identities.find(hub.key, deviceId);
  const twin = deps.twins.find(hub.key, key);
  if (!identity || !twin) throw hubError("DeviceNotFound", deviceId);
  return { identity, module, twin };
}

/** Returns the response with one twin. Throws DeviceNotFound. */
function twinResponse(hub: HubRecord, key: DeviceKey, request: Request, deps: HubDependencies): Response {
  const { identity, module, twin } = existingTwin(hub, key, deps);
  const body = module ? wireModuleTwin(identity, module, twin) : wireTwin(identity, twin);
  return { status: 200, headers: { etag: `"${twin.etag}"` }, body: ofApiVersion(request, body) };
}

/**
 * Merges tags and desired properties into a twin, where null removes, or replaces them. If-Match is optional. Throws
 * DeviceNotFound, PreconditionFailed or ArgumentInvalid.
 */
function changeTwin(request: Request, how: "patch" | "replace", deps: HubDependencies): Response {
  const hub = authorizeService(request, "twin", deps);
  const key = keyOf(request);
  const body = readBody<InitialTwin>(request.body, "hub.twin");
  const given = readSections(body);
  const ifMatch = request.headers["if-match"];
  return deps.database.transaction(() => {
    const { module, twin } = existingTwin(hub, key, deps);
    if (ifMatch !== undefined) checkIfMatch(ifMatch, twin.etag, module ? "Module twin" : "Device twin");
    const sections = how === "replace" ? { tags: {}, desired: {}, ...given } : readPatch(body, twin);
    checkTwin(deps.twins[how](hub.key, key, sections));
    return twinResponse(hub, key, request, deps);
  });
}

/** The operations on the twins of devices and modules. */
export function twinOperations(deps: HubDependencies): Operation[] {
  const get = (request: Request): Response =>
    twinResponse(authorizeService(request, "twin", deps), keyOf(request), request, deps);
  const update = (request: Request): Response => changeTwin(request, "patch", deps);
  const replace = (request: Request): Response => changeTwin(request, "replace", deps);
  const owners = [
    ["Devices", "/twins/:deviceId"],
    ["Modules", "/twins/:deviceId/modules/:moduleId"],
  ] as const;
  return owners.flatMap(([owner, path]): Operation[] => [
    { name: `${owner}_GetTwin`, method: "GET", path, handle: get },
    { name: `${owner}_UpdateTwin`, method: "PATCH", path, handle: update },
    { name: `${owner}_ReplaceTwin`, method: "PUT", path, handle: replace },
  ]);
}
