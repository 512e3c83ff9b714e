import { setImmediate } from "node:timers/promises";
import type { HubDependencies } from "../hubDependencies";
import { Aggregation, projected } from "./aggregate";
import { type QueryDocument, readCollection } from "./collections";
import { deviceIdsOf, meets } from "./evaluateExpression";
import type { Query } from "./queryTree";

/** Documents that are read before other requests have their turn. */
const BATCH = 200;

const FIRST: QueryDocument["position"] = ["", ""];

/** Returns the documents of a query, before its SELECT list, behind a position. */
export async function* matchingDocuments(
  hub: string,
  { from, where }: Pick<Query, "from" | "where">,
  deps: Pick<HubDependencies, "identities" | "modules" | "twins" | "jobs" | "configurations">,
  start = FIRST,
): AsyncGenerator<QueryDocument> {
  for (const deviceId of deviceIdsOf(where) ?? [undefined]) {
    if (deviceId !== undefined && deviceId < start[0]) continue;
    for (let after = start; ; ) {
      const batch = readCollection[from](hub, { after, limit: BATCH, deviceId }, deps);
      for (const each of batch) if (meets(where, each.document)) yield each;
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) break;
      after = last.position;
      await setImmediate();
    }
  }
}

/** A page of results. */
export interface QueryPage {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** The place behind the last row, and the number of rows until there; undefined on the last page. */
  readonly next?: { readonly position: QueryDocument["position"]; readonly taken: number };
}

/** Where a page begins. */
export interface PageStart {
  readonly position: QueryDocument["position"];
  readonly taken: number;
}

/** Runs a query; returns a page of up to `size` rows. */
export async function runQuery(
  hub: string,
  query: Query,
  size: number,
  deps: Parameters<typeof matchingDocuments>[2],
  start: PageStart = { position: FIRST, taken: 0 },
): Promise<QueryPage> {
  const { select, top = Number.MAX_SAFE_INTEGER, groupBy } = query;
  if (groupBy || select?.some(({ aggregate }) => aggregate)) {
    const aggregation = new Aggregation(query);
    for await (const { document } of matchingDocuments(hub, query, deps)) aggregation.add(document);
    const rows = aggregation.rows().slice(0, top);
    const page = rows.slice(start.taken, start.taken + size);
    const taken = start.taken + page.length;
    return { rows: page, next: taken < rows.length ? { position: FIRST, taken } : undefined };
  }
  const found: QueryDocument[] = [];
  const limit = Math.min(size, top - start.taken);
  for await (const each of matchingDocuments(hub, query, deps, start.position)) {
    found.push(each);
    if (found.length > limit) break;
  }
  const page = found.slice(0, limit);
  const taken = start.taken + page.length;
  const last = page.at(-1);
  const isMore = found.length > page.length && taken < top;
  return {
    rows: page.map(({ document }) => (select ? projected(select, document) : document)),
    next: last && isMore ? { position: last.position, taken } : undefined,
  };
}
