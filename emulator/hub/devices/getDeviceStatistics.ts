import type { Operation } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";

/** `GET /statistics/devices` */
export const getDeviceStatistics = (deps: HubDependencies): Operation => ({
  name: "Statistics_GetDeviceStatistics",
  method: "GET",
  path: "/statistics/devices",
  handle(request) {
    const hub = authorizeService(request, "read", deps);
    const { total, disabled } = deps.identities.count(hub.key);
    return {
      status: 200,
      body: { totalDeviceCount: total, enabledDeviceCount: total - disabled, disabledDeviceCount: disabled },
    };
  },
});
