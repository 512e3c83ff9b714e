import type { Operation } from "../../kernel/operation";
import type { HubDependencies } from "../hubDependencies";
import { changeTwin } from "./changeTwin";

/** `PATCH /twins/{id}`: merges tags and desired properties; null removes. If-Match is optional. */
export const updateTwin = (deps: HubDependencies): Operation => ({
  name: "Devices_UpdateTwin",
  method: "PATCH",
  path: "/twins/:deviceId",
  handle: (request) => changeTwin(request, "patch", deps),
});
