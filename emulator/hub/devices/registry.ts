import type { Operation, Request } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { wireTwin } from "../twins/twinBody";
import { wireIdentity } from "./identityBody";

/** Most identities in one list, as in Azure. */
const LIST_LIMIT = 1000;
const PAGE = 100;
/** Characters of a query. */
const QUERY_LIMIT = 4096;

function countOf(text: unknown, name: string, fallback: number, fail: HubDependencies["fail"]): number {
  if (text === undefined || text === "") return fallback;
  if (typeof text !== "string" || !/^\d{1,6}$/.test(text) || Number(text) < 1) {
    throw fail("ArgumentInvalid", `${name} is no number from 1`);
  }
  return Math.min(LIST_LIMIT, Number(text));
}

/** `GET /devices?top=n`: at most 1,000. */
export const listDevices = (deps: HubDependencies): Operation => ({
  name: "Devices_GetDevices",
  method: "GET",
  path: "/devices",
  handle(request) {
    const hub = authorizeService(request, "read", deps);
    const top = countOf(request.query.get("top"), "top", LIST_LIMIT, deps.fail);
    return { status: 200, body: deps.identities.list(hub.key, top).map(wireIdentity) };
  },
});

function queryText(request: Request, fail: HubDependencies["fail"]): void {
  const text = (request.body as { query?: unknown } | undefined)?.query;
  if (typeof text !== "string") throw fail("ArgumentInvalid", 'the body must be {"query": "SELECT * FROM devices"}');
  if (text.length > QUERY_LIMIT) {
    throw fail("ArgumentInvalid", `the query has more than ${QUERY_LIMIT} characters`);
  }
  if (!/^\s*select\s+\*\s+from\s+devices\s*;?\s*$/i.test(text)) {
    throw fail("NotEmulated", `the local Azure knows only SELECT * FROM devices, not ${text}`);
  }
}

/** `POST /devices/query`, for `SELECT * FROM devices`, page by page. */
export const queryDevices = (deps: HubDependencies): Operation => ({
  name: "Query_GetTwins",
  method: "POST",
  path: "/devices/query",
  handle(request) {
    const hub = authorizeService(request, "read", deps);
    queryText(request, deps.fail);
    const size = countOf(request.headers["x-ms-max-item-count"], "x-ms-max-item-count", PAGE, deps.fail);
    const token = request.headers["x-ms-continuation"];
    const after = typeof token === "string" && token !== "" ? Buffer.from(token, "base64url").toString() : "";
    const found = deps.identities.list(hub.key, size + 1, after);
    const page = found.slice(0, size);
    const last = found.length > size ? page.at(-1) : undefined;
    return {
      status: 200,
      headers: {
        "x-ms-item-type": "Twin",
        "x-ms-max-item-count": String(size),
        ...(last ? { "x-ms-continuation": Buffer.from(last.deviceId).toString("base64url") } : {}),
      },
      body: page.flatMap((identity) => {
        const twin = deps.twins.find(hub.key, identity.deviceId);
        return twin ? [wireTwin(identity, twin)] : [];
      }),
    };
  },
});

/** `GET /statistics/devices` */
export const deviceStatistics = (deps: HubDependencies): Operation => ({
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
