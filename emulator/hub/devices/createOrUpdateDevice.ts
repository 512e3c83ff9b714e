import type { Operation } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch } from "../hubPrecondition";
import { identityResponse, readIdentity } from "./identityBody";

/** `PUT /devices/{id}`: creates without If-Match, changes with it. */
export const createOrUpdateDevice = (deps: HubDependencies): Operation => ({
  name: "Devices_CreateOrUpdateIdentity",
  method: "PUT",
  path: "/devices/:deviceId",
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
      } else checkIfMatch(ifMatch, known.etag, "Device", deps.fail);
      return identityResponse(deps.identities.save(hub.key, draft));
    });
  },
});
