import { setImmediate } from "node:timers/promises";
import { deviceIdsOf, meets } from "./evaluateExpression";
import type { CollectionName, Query } from "./queryTree";
import { matchingDocuments } from "./runQuery";

/** Conditions that are evaluated before other requests have their turn. */
const TURN = 10_000;

type Counted = Pick<Query, "from" | "where">;

/** Counts the documents of each query, before its SELECT list: in one pass over a collection, whatever the number of queries. */
export async function countMatches(
  hub: string,
  queries: readonly Counted[],
  deps: Parameters<typeof matchingDocuments>[2],
): Promise<readonly number[]> {
  const counts = queries.map(() => 0);
  const ofCollection = new Map<CollectionName, number[]>();
  for (const [index, query] of queries.entries()) {
    if (deviceIdsOf(query.where)) {
      // Limited to devices by their IDs: only those are read.
      for await (const _ of matchingDocuments(hub, query, deps)) counts[index] = (counts[index] ?? 0) + 1;
    } else ofCollection.set(query.from, [...(ofCollection.get(query.from) ?? []), index]);
  }
  let evaluated = 0;
  for (const [from, indexes] of ofCollection) {
    for await (const { document } of matchingDocuments(hub, { from }, deps)) {
      for (const index of indexes) if (meets(queries[index]?.where, document)) counts[index] = (counts[index] ?? 0) + 1;
      evaluated += indexes.length;
      if (evaluated < TURN) continue;
      evaluated = 0;
      await setImmediate();
    }
  }
  return counts;
}
