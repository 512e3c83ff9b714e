import type { Operation } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { twinResponse } from "./changeTwin";

/** `GET /twins/{id}` */
export const getTwin = (deps: HubDependencies): Operation => ({
  name: "Devices_GetTwin",
  method: "GET",
  path: "/twins/:deviceId",
  handle(request) {
    const hub = authorizeService(request, "twin", deps);
    return twinResponse(hub, request.params.deviceId ?? "", deps);
  },
});
