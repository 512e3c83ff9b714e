import { pageOf, positionOf, queryResponse } from "../../kernel/continuation";
import { type Operation, ok, type Request } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError, requiredIfMatch } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { wireTwin } from "../twins/twinOperations";
import { createDevice, existingDevice, removeDevice, updateDevice } from "./deviceChanges";
import { identityResponse, readIdentity, wireIdentity } from "./identityBody";

/** Most identities in one list. */
const LIST_LIMIT = 1000;
const PAGE_SIZE = 100;

/** Reads a count; one that is not from 1 to `limit` becomes `fallback`. Throws ArgumentInvalid for what is no number. */
function readCount(text: unknown, name: string, { fallback, limit }: { fallback: number; limit: number }): number {
  if (text === undefined || text === "") return fallback;
  if (!/^-?\d{1,9}$/.test(String(text))) throw hubError("ArgumentInvalid", `${name} is no number`);
  const count = Number(text);
  return count < 1 || count > limit ? fallback : count;
}

function checkQuery(request: Request): void {
  const { query } = readBody<{ query: string }>(request.body, "hub.query");
  if (!/^\s*select\s+\*\s+from\s+devices\s*(?:;\s*)?$/i.test(query)) {
    throw hubError("NotEmulated", `the local Azure supports only SELECT * FROM devices, not ${query}`);
  }
}

/** The operations on device identities. */
export function deviceOperations(deps: HubDependencies): Operation[] {
  const { identities, twins, database } = deps;

  const get = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    return identityResponse(existingDevice(hub.key, request.params.deviceId ?? "", deps));
  };

  /** Creates without If-Match, changes with it. */
  const createOrUpdate = (request: Request) => {
    const hub = authorizeService(request, "write", deps);
    const draft = readIdentity(request.body, request.params.deviceId ?? "", deps.ids);
    const ifMatch = request.headers["if-match"];
    const change = () =>
      ifMatch === undefined ? createDevice(hub.key, draft, deps) : updateDevice(hub.key, draft, ifMatch, deps);
    return identityResponse(database.transaction(change));
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
    return ok(identities.list(hub.key, top).map(wireIdentity));
  };

  /** `SELECT * FROM devices`, page by page. */
  const query = (request: Request) => {
    const hub = authorizeService(request, "read", deps);
    checkQuery(request);
    // The service uses another value where the given one is not acceptable (Azure REST API "Query – Get Twins").
    const size = readCount(request.headers["x-ms-max-item-count"], "x-ms-max-item-count", {
      fallback: PAGE_SIZE,
      limit: LIST_LIMIT,
    });
    const after = positionOf(request.headers["x-ms-continuation"]);
    if (after === undefined)
      throw hubError("ArgumentInvalid", "x-ms-continuation is not one that a query has returned");
    const page = pageOf(identities.list(hub.key, size + 1, after), size, ({ deviceId }) => deviceId);
    const body = page.items.flatMap((identity) => {
      const twin = twins.find(hub.key, identity);
      return twin ? [wireTwin(identity, twin)] : [];
    });
    return queryResponse("Twin", size, page.continuation, body);
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
    { name: "Query_GetTwins", method: "POST", path: "/devices/query", handle: query },
    { name: "Statistics_GetDeviceStatistics", method: "GET", path: "/statistics/devices", handle: statistics },
    {
      name: "Statistics_GetServiceStatistics",
      method: "GET",
      path: "/statistics/service",
      handle: serviceStatistics,
    },
  ];
}
