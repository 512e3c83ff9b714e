import type { Operation } from "../../kernel/operation";
import type { HubDependencies } from "../hubDependencies";
import { changeTwin } from "./changeTwin";

/** `PATCH /twins/{id}`: tags and desired properties merge, null removes. If-Match may be left out. */
export const updateTwin = (deps: HubDependencies): Operation => ({
  name: "Devices_UpdateTwin",
  method: "PATCH",
  path: "/twins/:deviceId",
  handle: (request) => changeTwin(request, "patch", deps),
});
