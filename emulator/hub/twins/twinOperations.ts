import type { HubRecord } from "../../kernel/directory";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError } from "../hubErrors";
import { readTwin, sectionError, wireTwin } from "./twinBody";

/** Returns the response with one twin. Throws DeviceNotFound. */
function twinResponse(hub: HubRecord, deviceId: string, deps: HubDependencies): Response {
  const identity = deps.identities.find(hub.key, deviceId);
  const twin = deps.twins.find(hub.key, deviceId);
  if (!identity || !twin) throw hubError("DeviceNotFound", deviceId);
  return { status: 200, headers: { etag: `"${twin.etag}"` }, body: wireTwin(identity, twin) };
}

/**
 * Merges tags and desired properties into a twin, where null removes, or replaces them. If-Match is optional. Throws
 * DeviceNotFound, PreconditionFailed or ArgumentInvalid.
 */
function changeTwin(request: Request, how: "patch" | "replace", deps: HubDependencies): Response {
  const hub = authorizeService(request, "twin", deps);
  const { deviceId = "" } = request.params;
  const given = readTwin(request.body);
  const ifMatch = request.headers["if-match"];
  return deps.database.transaction(() => {
    const known = deps.twins.find(hub.key, deviceId);
    if (!known) throw hubError("DeviceNotFound", deviceId);
    if (ifMatch !== undefined) checkIfMatch(ifMatch, known.etag, "Device twin");
    const sections = how === "replace" ? { tags: {}, desired: {}, ...given } : given;
    const changed = deps.twins[how](hub.key, deviceId, sections);
    for (const part of ["tags", "desired"] as const) {
      const error = sectionError(part, changed?.[part]);
      if (error) throw hubError("ArgumentInvalid", error);
    }
    return twinResponse(hub, deviceId, deps);
  });
}

/** The operations on device twins. */
export function twinOperations(deps: HubDependencies): Operation[] {
  const get = (request: Request): Response =>
    twinResponse(authorizeService(request, "twin", deps), request.params.deviceId ?? "", deps);
  const update = (request: Request): Response => changeTwin(request, "patch", deps);
  const replace = (request: Request): Response => changeTwin(request, "replace", deps);
  const path = "/twins/:deviceId";
  return [
    { name: "Devices_GetTwin", method: "GET", path, handle: get },
    { name: "Devices_UpdateTwin", method: "PATCH", path, handle: update },
    { name: "Devices_ReplaceTwin", method: "PUT", path, handle: replace },
  ];
}
