import type { Call, Operation } from "../../kernel/call";
import type { HubParts } from "../parts";
import { authorizeService } from "./authorize";
import { wireIdentity } from "./identityBody";
import { wireTwin } from "./twinBody";

/** Most identities in one list, as in Azure. */
const LIST_LIMIT = 1000;
const PAGE = 100;
/** Characters of a query. */
const QUERY_LIMIT = 4096;

function countOf(text: unknown, name: string, fallback: number, fail: HubParts["fail"]): number {
  if (text === undefined || text === "") return fallback;
  if (typeof text !== "string" || !/^\d{1,6}$/.test(text) || Number(text) < 1) {
    throw fail("ArgumentInvalid", `${name} is no number from 1`);
  }
  return Math.min(LIST_LIMIT, Number(text));
}

/** `GET /devices?top=n`: at most 1,000. */
export const listDevices = (parts: HubParts): Operation => ({
  name: "Devices_GetDevices",
  method: "GET",
  path: "/devices",
  handle(call) {
    const hub = authorizeService(call, "read", parts);
    const top = countOf(call.query.get("top"), "top", LIST_LIMIT, parts.fail);
    return { status: 200, body: parts.identities.list(hub.key, top).map(wireIdentity) };
  },
});

function queryText(call: Call, fail: HubParts["fail"]): void {
  const text = (call.body as { query?: unknown } | undefined)?.query;
  if (typeof text !== "string") throw fail("ArgumentInvalid", 'the body must be {"query": "SELECT * FROM devices"}');
  if (text.length > QUERY_LIMIT) {
    throw fail("ArgumentInvalid", `the query has more than ${QUERY_LIMIT} characters`);
  }
  if (!/^\s*select\s+\*\s+from\s+devices\s*;?\s*$/i.test(text)) {
    throw fail("NotEmulated", `the local Azure knows only SELECT * FROM devices, not ${text}`);
  }
}

/** `POST /devices/query`, for `SELECT * FROM devices`, page by page. */
export const queryDevices = (parts: HubParts): Operation => ({
  name: "Query_GetTwins",
  method: "POST",
  path: "/devices/query",
  handle(call) {
    const hub = authorizeService(call, "read", parts);
    queryText(call, parts.fail);
    const size = countOf(call.headers["x-ms-max-item-count"], "x-ms-max-item-count", PAGE, parts.fail);
    const token = call.headers["x-ms-continuation"];
    const after = typeof token === "string" && token !== "" ? Buffer.from(token, "base64url").toString() : "";
    const found = parts.identities.list(hub.key, size + 1, after);
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
        const twin = parts.twins.find(hub.key, identity.deviceId);
        return twin ? [wireTwin(identity, twin)] : [];
      }),
    };
  },
});

/** `GET /statistics/devices` */
export const deviceStatistics = (parts: HubParts): Operation => ({
  name: "Statistics_GetDeviceStatistics",
  method: "GET",
  path: "/statistics/devices",
  handle(call) {
    const hub = authorizeService(call, "read", parts);
    const { total, disabled } = parts.identities.count(hub.key);
    return {
      status: 200,
      body: { totalDeviceCount: total, enabledDeviceCount: total - disabled, disabledDeviceCount: disabled },
    };
  },
});
