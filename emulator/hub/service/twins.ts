import type { Answer, Call, Operation } from "../../kernel/call";
import type { HubRecord } from "../../kernel/directory";
import type { HubParts } from "../parts";
import { authorizeService } from "./authorize";
import { refuseStale } from "./stale";
import { readTwin, sectionFault, wireTwin } from "./twinBody";

const PATH = "/twins/:deviceId";

function answer(hub: HubRecord, deviceId: string, parts: HubParts): Answer {
  const identity = parts.identities.find(hub.key, deviceId);
  const twin = parts.twins.find(hub.key, deviceId);
  if (!identity || !twin) throw parts.fail("DeviceNotFound", deviceId);
  return { status: 200, headers: { etag: `"${twin.etag}"` }, body: wireTwin(identity, twin) };
}

/** `GET /twins/{id}` */
export const getTwin = (parts: HubParts): Operation => ({
  name: "Devices_GetTwin",
  method: "GET",
  path: PATH,
  handle(call) {
    const hub = authorizeService(call, "twin", parts);
    return answer(hub, call.params.deviceId ?? "", parts);
  },
});

function change(call: Call, how: "patch" | "replace", parts: HubParts): Answer {
  const hub = authorizeService(call, "twin", parts);
  const { deviceId = "" } = call.params;
  const given = readTwin(call.body, parts.fail);
  const ifMatch = call.headers["if-match"];
  return parts.store.transaction(() => {
    const known = parts.twins.find(hub.key, deviceId);
    if (!known) throw parts.fail("DeviceNotFound", deviceId);
    if (ifMatch !== undefined) refuseStale(ifMatch, known.etag, "Device twin", parts.fail);
    const sections = how === "replace" ? { tags: {}, desired: {}, ...given } : given;
    const changed = parts.twins[how](hub.key, deviceId, sections);
    for (const part of ["tags", "desired"] as const) {
      const fault = sectionFault(part, changed?.[part]);
      if (fault) throw parts.fail("ArgumentInvalid", fault);
    }
    return answer(hub, deviceId, parts);
  });
}

/** `PATCH /twins/{id}`: tags and desired properties merge, null removes. If-Match may be left out. */
export const updateTwin = (parts: HubParts): Operation => ({
  name: "Devices_UpdateTwin",
  method: "PATCH",
  path: PATH,
  handle: (call) => change(call, "patch", parts),
});

/** `PUT /twins/{id}`: tags and desired properties take the place of the old ones. */
export const replaceTwin = (parts: HubParts): Operation => ({
  name: "Devices_ReplaceTwin",
  method: "PUT",
  path: PATH,
  handle: (call) => change(call, "replace", parts),
});
