import type { Operation } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { identityResponse } from "./identityBody";

/** `GET /devices/{id}` */
export const getDevice = (deps: HubDependencies): Operation => ({
  name: "Devices_GetIdentity",
  method: "GET",
  path: "/devices/:deviceId",
  handle(request) {
    const hub = authorizeService(request, "read", deps);
    const { deviceId = "" } = request.params;
    const identity = deps.identities.find(hub.key, deviceId);
    if (!identity) throw deps.fail("DeviceNotFound", deviceId);
    return identityResponse(identity);
  },
});
