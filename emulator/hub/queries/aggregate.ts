import { valueAt } from "./evaluateExpression";
import type { AggregateName, Projection, Query } from "./queryTree";

interface Sums {
  count: number;
  sum: number;
  numbers: number;
  least: number | string | undefined;
  most: number | string | undefined;
}

interface Group {
  readonly first: unknown;
  readonly sums: readonly Sums[];
}

function add(sums: Sums, value: unknown): void {
  sums.count += 1;
  if (typeof value === "number") {
    sums.sum += value;
    sums.numbers += 1;
  }
  if (typeof value !== "number" && typeof value !== "string") return;
  // Values of another type than the first one count for neither.
  if (sums.least === undefined || (typeof value === typeof sums.least && value < sums.least)) sums.least = value;
  if (sums.most === undefined || (typeof value === typeof sums.most && value > sums.most)) sums.most = value;
}

function outcome(aggregate: AggregateName, { count, sum, numbers, least, most }: Sums): unknown {
  switch (aggregate) {
    case "COUNT":
      return count;
    case "SUM":
      return numbers === 0 ? undefined : sum;
    case "AVG":
      return numbers === 0 ? undefined : sum / numbers;
    case "MIN":
      return least;
    case "MAX":
      return most;
  }
}

/** Returns a row of a SELECT list. */
export const projected = (select: readonly Projection[], document: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    select
      .map(({ alias, path = [] }) => [alias, valueAt(document, path)] as const)
      .filter(([, value]) => value !== undefined),
  );

/** Groups documents and computes the aggregates of a query. */
export class Aggregation {
  readonly #groups = new Map<string, Group>();

  constructor(private readonly query: Pick<Query, "select" | "groupBy">) {
    // Without GROUP BY there is one group, also over no documents.
    if (!query.groupBy) this.#group("", undefined);
  }

  add(document: unknown): void {
    const { select = [], groupBy = [] } = this.query;
    const key = groupBy.map((path) => JSON.stringify(valueAt(document, path)) ?? "").join(",");
    const { sums } = this.#group(this.query.groupBy ? key : "", document);
    for (const [index, { path = [] }] of select.entries()) add(sums[index] as Sums, valueAt(document, path));
  }

  #group(key: string, first: unknown): Group {
    const known = this.#groups.get(key);
    if (known) return known;
    const sums = (this.query.select ?? []).map(
      (): Sums => ({ count: 0, sum: 0, numbers: 0, least: undefined, most: undefined }),
    );
    const group = { first, sums };
    this.#groups.set(key, group);
    return group;
  }

  rows(): Readonly<Record<string, unknown>>[] {
    const { select = [] } = this.query;
    return [...this.#groups.values()].map(({ first, sums }) =>
      Object.fromEntries(
        select
          .map(({ alias, aggregate, path = [] }, index) => [
            alias,
            aggregate ? outcome(aggregate, sums[index] as Sums) : valueAt(first, path),
          ])
          .filter(([, value]) => value !== undefined),
      ),
    );
  }
}
