import type { HubRecord } from "../../kernel/directory";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { refuseStale } from "../hubPrecondition";
import { readTwin, sectionFault, wireTwin } from "./twinBody";

const PATH = "/twins/:deviceId";

function response(hub: HubRecord, deviceId: string, deps: HubDependencies): Response {
  const identity = deps.identities.find(hub.key, deviceId);
  const twin = deps.twins.find(hub.key, deviceId);
  if (!identity || !twin) throw deps.fail("DeviceNotFound", deviceId);
  return { status: 200, headers: { etag: `"${twin.etag}"` }, body: wireTwin(identity, twin) };
}

/** `GET /twins/{id}` */
export const getTwin = (deps: HubDependencies): Operation => ({
  name: "Devices_GetTwin",
  method: "GET",
  path: PATH,
  handle(request) {
    const hub = authorizeService(request, "twin", deps);
    return response(hub, request.params.deviceId ?? "", deps);
  },
});

function change(request: Request, how: "patch" | "replace", deps: HubDependencies): Response {
  const hub = authorizeService(request, "twin", deps);
  const { deviceId = "" } = request.params;
  const given = readTwin(request.body, deps.fail);
  const ifMatch = request.headers["if-match"];
  return deps.database.transaction(() => {
    const known = deps.twins.find(hub.key, deviceId);
    if (!known) throw deps.fail("DeviceNotFound", deviceId);
    if (ifMatch !== undefined) refuseStale(ifMatch, known.etag, "Device twin", deps.fail);
    const sections = how === "replace" ? { tags: {}, desired: {}, ...given } : given;
    const changed = deps.twins[how](hub.key, deviceId, sections);
    for (const part of ["tags", "desired"] as const) {
      const fault = sectionFault(part, changed?.[part]);
      if (fault) throw deps.fail("ArgumentInvalid", fault);
    }
    return response(hub, deviceId, deps);
  });
}

/** `PATCH /twins/{id}`: tags and desired properties merge, null removes. If-Match may be left out. */
export const updateTwin = (deps: HubDependencies): Operation => ({
  name: "Devices_UpdateTwin",
  method: "PATCH",
  path: PATH,
  handle: (request) => change(request, "patch", deps),
});

/** `PUT /twins/{id}`: tags and desired properties take the place of the old ones. */
export const replaceTwin = (deps: HubDependencies): Operation => ({
  name: "Devices_ReplaceTwin",
  method: "PUT",
  path: PATH,
  handle: (request) => change(request, "replace", deps),
});
