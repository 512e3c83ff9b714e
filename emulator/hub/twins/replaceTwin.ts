import type { Operation } from "../../kernel/operation";
import type { HubDependencies } from "../hubDependencies";
import { changeTwin } from "./changeTwin";

/** `PUT /twins/{id}`: replaces tags and desired properties. */
export const replaceTwin = (deps: HubDependencies): Operation => ({
  name: "Devices_ReplaceTwin",
  method: "PUT",
  path: "/twins/:deviceId",
  handle: (request) => changeTwin(request, "replace", deps),
});
