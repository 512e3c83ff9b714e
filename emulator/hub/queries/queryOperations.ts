import { positionOf, queryResponse, tokenOf } from "../../kernel/continuation";
import type { Operation, Request, Response } from "../../kernel/operation";
import { parseJson } from "../../kernel/parseJson";
import { ofApiVersion } from "../devices/identityVersions";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { readCount } from "../readCount";
import type { Query } from "./queryTree";
import { readQuery } from "./readQuery";
import { type PageStart, runQuery } from "./runQuery";

const PAGE_SIZE = 100;
const PAGE_LIMIT = 1000;

/** Item types that the SDKs know (azure-iot-sdk-csharp, QueryType). */
const ITEM_TYPES: Readonly<Record<Query["from"], string>> = {
  devices: "Twin",
  "devices.modules": "Twin",
  "devices.jobs": "DeviceJob",
};

/** Reads the continuation of a request. Throws ArgumentInvalid for one that no query has returned. */
export function readStart(token: unknown): PageStart | undefined {
  const text = positionOf(token);
  if (text === "") return undefined;
  const given = text === undefined ? undefined : positionIn(text);
  if (!given) throw hubError("ArgumentInvalid", "x-ms-continuation is not one that a query has returned");
  return given;
}

function positionIn(text: string): PageStart | undefined {
  try {
    const [taken, deviceId, other] = parseJson(Buffer.from(text)) as unknown[];
    if (typeof taken !== "number" || typeof deviceId !== "string" || typeof other !== "string") return undefined;
    return { taken, position: [deviceId, other] };
  } catch {
    return undefined;
  }
}

/** Runs the query of a request, page by page. */
async function query(request: Request, deps: HubDependencies): Promise<Response> {
  const hub = authorizeService(request, "read", deps);
  const { query: text } = readBody<{ query: string }>(request.body, "hub.query");
  const parsed = readQuery(text);
  // The service uses another value where the given one is not acceptable (Azure REST API "Query – Get Twins").
  const size = readCount(request.headers["x-ms-max-item-count"], "x-ms-max-item-count", {
    fallback: PAGE_SIZE,
    limit: PAGE_LIMIT,
  });
  const start = readStart(request.headers["x-ms-continuation"]);
  const { rows, next } = await runQuery(hub.key, parsed, size, deps, start);
  const continuation = next && tokenOf(JSON.stringify([next.taken, ...next.position]));
  if (parsed.select) return queryResponse("Raw", size, continuation, rows);
  const items = rows.map((row) => ofApiVersion(request, row as object));
  return queryResponse(ITEM_TYPES[parsed.from], size, continuation, items);
}

/** Queries (Azure REST API "Query – Get Twins"). */
export const queryOperations = (deps: HubDependencies): Operation[] => [
  { name: "Query_GetTwins", method: "POST", path: "/devices/query", handle: (request) => query(request, deps) },
];
