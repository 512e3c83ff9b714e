import type { Operation, Response } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { refuseStale } from "../hubPrecondition";
import { readIdentity, wireIdentity } from "./identityBody";
import type { Identity } from "./identityStore";

const PATH = "/devices/:deviceId";

const response = (identity: Identity): Response => ({
  status: 200,
  headers: { etag: `"${identity.etag}"` },
  body: wireIdentity(identity),
});

/** `GET /devices/{id}` */
export const getDevice = (deps: HubDependencies): Operation => ({
  name: "Devices_GetIdentity",
  method: "GET",
  path: PATH,
  handle(request) {
    const hub = authorizeService(request, "read", deps);
    const { deviceId = "" } = request.params;
    const identity = deps.identities.find(hub.key, deviceId);
    if (!identity) throw deps.fail("DeviceNotFound", deviceId);
    return response(identity);
  },
});

/** `PUT /devices/{id}`: creates without If-Match, changes with it. */
export const putDevice = (deps: HubDependencies): Operation => ({
  name: "Devices_CreateOrUpdateIdentity",
  method: "PUT",
  path: PATH,
  handle(request) {
    const hub = authorizeService(request, "write", deps);
    const { deviceId = "" } = request.params;
    const draft = readIdentity(request.body, deviceId, deps.ids, deps.fail);
    const ifMatch = request.headers["if-match"];
    return deps.database.transaction(() => {
      const known = deps.identities.find(hub.key, deviceId);
      if (ifMatch === undefined) {
        if (known) throw deps.fail("DeviceAlreadyExists", `A device with ID '${deviceId}' is already registered.`);
      } else if (!known) {
        throw deps.fail("DeviceNotFound", deviceId);
      } else refuseStale(ifMatch, known.etag, "Device", deps.fail);
      return response(deps.identities.save(hub.key, draft));
    });
  },
});

/** `DELETE /devices/{id}`: If-Match is required, `*` or the ETag. */
export const deleteDevice = (deps: HubDependencies): Operation => ({
  name: "Devices_DeleteIdentity",
  method: "DELETE",
  path: PATH,
  handle(request) {
    const hub = authorizeService(request, "write", deps);
    const { deviceId = "" } = request.params;
    const ifMatch = request.headers["if-match"];
    if (ifMatch === undefined) throw deps.fail("ArgumentInvalid", "the If-Match header is required: * or an ETag");
    return deps.database.transaction(() => {
      const known = deps.identities.find(hub.key, deviceId);
      if (!known) throw deps.fail("DeviceNotFound", deviceId);
      refuseStale(ifMatch, known.etag, "Device", deps.fail);
      deps.identities.remove(hub.key, deviceId);
      return { status: 204 };
    });
  },
});
