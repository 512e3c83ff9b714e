import { type Operation, ok, type Request } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { requiredIfMatch } from "../hubErrors";
import { readCount } from "../readCount";
import { createDevice, existingDevice, removeDevice, updateDevice } from "./deviceChanges";
import { checkOwnScope } from "./deviceScopes";
import { identityResponse, readIdentity, wireIdentity } from "./identityBody";
import { ofApiVersion } from "./identityVersions";

/** Most identities in one list. */
const LIST_LIMIT = 1000;
/** The operations on device identities. */
export function deviceOperations(deps: HubDependencies): Operation[] {
  const { identities, database } = deps;

  const get = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    return identityResponse(existingDevice(hub.key, request.params.deviceId ?? "", deps), request);
  };

  /** Creates without If-Match, changes with it. */
  const createOrUpdate = (request: Request) => {
    const hub = authorizeService(request, "write", deps);
    const draft = readIdentity(request.body, request.params.deviceId ?? "", deps.ids);
    const ifMatch = request.headers["if-match"];
    const change = () => {
      if (ifMatch === undefined) return createDevice(hub.key, draft, deps);
      checkOwnScope(draft, identities.find(hub.key, draft.deviceId));
      return updateDevice(hub.key, draft, ifMatch, deps);
    };
    return identityResponse(database.transaction(change), request);
  };

  /** Requires If-Match: `*` or the ETag. */
  const remove = (request: Request) => {
    const hub = authorizeService(request, "write", deps);
    const ifMatch = requiredIfMatch(request);
    database.transaction(() => removeDevice(hub.key, request.params.deviceId ?? "", ifMatch, deps));
    return { status: 204 };
  };

  const list = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    // A value outside of 1 to 1,000 counts as 1,000 (Azure REST API "Devices – Get Devices").
    const top = readCount(request.query.get("top"), "top", { fallback: LIST_LIMIT, limit: LIST_LIMIT });
    return ok(identities.list(hub.key, top).map((each) => ofApiVersion(request, wireIdentity(each))));
  };

  const statistics = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    const { total, disabled } = identities.count(hub.key);
    const body = { totalDeviceCount: total, enabledDeviceCount: total - disabled, disabledDeviceCount: disabled };
    return ok(body);
  };

  const serviceStatistics = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    return ok({ connectedDeviceCount: deps.connections.count(hub.key) });
  };

  const path = "/devices/:deviceId";
  return [
    { name: "Devices_GetIdentity", method: "GET", path, handle: get },
    { name: "Devices_CreateOrUpdateIdentity", method: "PUT", path, handle: createOrUpdate },
    { name: "Devices_DeleteIdentity", method: "DELETE", path, handle: remove },
    { name: "Devices_GetDevices", method: "GET", path: "/devices", handle: list },
    { name: "Statistics_GetDeviceStatistics", method: "GET", path: "/statistics/devices", handle: statistics },
    {
      name: "Statistics_GetServiceStatistics",
      method: "GET",
      path: "/statistics/service",
      handle: serviceStatistics,
    },
  ];
}
