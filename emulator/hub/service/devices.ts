import type { Answer, Operation } from "../../kernel/call";
import type { Identity } from "../identities";
import type { HubParts } from "../parts";
import { authorizeService } from "./authorize";
import { readIdentity, wireIdentity } from "./identityBody";
import { refuseStale } from "./stale";

const PATH = "/devices/:deviceId";

const answer = (identity: Identity): Answer => ({
  status: 200,
  headers: { etag: `"${identity.etag}"` },
  body: wireIdentity(identity),
});

/** `GET /devices/{id}` */
export const getDevice = (parts: HubParts): Operation => ({
  name: "Devices_GetIdentity",
  method: "GET",
  path: PATH,
  handle(call) {
    const hub = authorizeService(call, "read", parts);
    const { deviceId = "" } = call.params;
    const identity = parts.identities.find(hub.key, deviceId);
    if (!identity) throw parts.fail("DeviceNotFound", deviceId);
    return answer(identity);
  },
});

/** `PUT /devices/{id}`: creates without If-Match, changes with it. */
export const putDevice = (parts: HubParts): Operation => ({
  name: "Devices_CreateOrUpdateIdentity",
  method: "PUT",
  path: PATH,
  handle(call) {
    const hub = authorizeService(call, "write", parts);
    const { deviceId = "" } = call.params;
    const draft = readIdentity(call.body, deviceId, parts.ids, parts.fail);
    const ifMatch = call.headers["if-match"];
    return parts.store.transaction(() => {
      const known = parts.identities.find(hub.key, deviceId);
      if (ifMatch === undefined) {
        if (known) throw parts.fail("DeviceAlreadyExists", `A device with ID '${deviceId}' is already registered.`);
      } else if (!known) {
        throw parts.fail("DeviceNotFound", deviceId);
      } else refuseStale(ifMatch, known.etag, "Device", parts.fail);
      return answer(parts.identities.save(hub.key, draft));
    });
  },
});

/** `DELETE /devices/{id}`: If-Match is required, `*` or the ETag. */
export const deleteDevice = (parts: HubParts): Operation => ({
  name: "Devices_DeleteIdentity",
  method: "DELETE",
  path: PATH,
  handle(call) {
    const hub = authorizeService(call, "write", parts);
    const { deviceId = "" } = call.params;
    const ifMatch = call.headers["if-match"];
    if (ifMatch === undefined) throw parts.fail("ArgumentInvalid", "the If-Match header is required: * or an ETag");
    return parts.store.transaction(() => {
      const known = parts.identities.find(hub.key, deviceId);
      if (!known) throw parts.fail("DeviceNotFound", deviceId);
      refuseStale(ifMatch, known.etag, "Device", parts.fail);
      parts.identities.remove(hub.key, deviceId);
      return { status: 204 };
    });
  },
});
