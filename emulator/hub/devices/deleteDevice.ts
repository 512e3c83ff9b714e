import type { Operation } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch } from "../hubPrecondition";

/** `DELETE /devices/{id}`: requires If-Match: `*` or the ETag. */
export const deleteDevice = (deps: HubDependencies): Operation => ({
  name: "Devices_DeleteIdentity",
  method: "DELETE",
  path: "/devices/:deviceId",
  handle(request) {
    const hub = authorizeService(request, "write", deps);
    const { deviceId = "" } = request.params;
    const ifMatch = request.headers["if-match"];
    if (ifMatch === undefined) throw deps.fail("ArgumentInvalid", "the If-Match header is required: * or an ETag");
    return deps.database.transaction(() => {
      const known = deps.identities.find(hub.key, deviceId);
      if (!known) throw deps.fail("DeviceNotFound", deviceId);
      checkIfMatch(ifMatch, known.etag, "Device", deps.fail);
      deps.identities.remove(hub.key, deviceId);
      return { status: 204 };
    });
  },
});
