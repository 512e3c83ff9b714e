import type { Operation, Request } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { wireTwin } from "../twins/twinBody";
import { readCount } from "./listCount";

const PAGE_SIZE = 100;
const MAX_QUERY_CHARACTERS = 4096;

function checkQuery(request: Request, fail: HubDependencies["fail"]): void {
  const text = (request.body as { query?: unknown } | undefined)?.query;
  if (typeof text !== "string") throw fail("ArgumentInvalid", 'the body must be {"query": "SELECT * FROM devices"}');
  if (text.length > MAX_QUERY_CHARACTERS) {
    throw fail("ArgumentInvalid", `the query has more than ${MAX_QUERY_CHARACTERS} characters`);
  }
  if (!/^\s*select\s+\*\s+from\s+devices\s*;?\s*$/i.test(text)) {
    throw fail("NotEmulated", `the local Azure supports only SELECT * FROM devices, not ${text}`);
  }
}

/** `POST /devices/query`, for `SELECT * FROM devices`, page by page. */
export const queryDevices = (deps: HubDependencies): Operation => ({
  name: "Query_GetTwins",
  method: "POST",
  path: "/devices/query",
  handle(request) {
    const hub = authorizeService(request, "read", deps);
    checkQuery(request, deps.fail);
    const size = readCount(request.headers["x-ms-max-item-count"], "x-ms-max-item-count", PAGE_SIZE, deps.fail);
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
