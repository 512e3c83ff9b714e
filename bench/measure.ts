import { checkInterrupt } from "./interrupt";

/** What one measurement says: ours against a rival, in one run on one machine. */
export interface Measurement {
  /** For example `preview.new`. */
  readonly name: string;
  /** What was measured, on what. */
  readonly what: string;
  readonly rival: string;
  readonly unit:
    | "s"
    | "registrations/s"
    | "certificates/s"
    | "chains/s"
    | "signatures/s"
    | "commands/s"
    | "messages/s"
    | "MB"
    | "ms";
  /** Medians. */
  readonly ours: number;
  readonly theirs: number;
  /** Ours ÷ theirs, as the bound counts it. */
  readonly ratio: number;
  readonly bound: { readonly atMost: number } | { readonly atLeast: number };
  /** The most that ours may be, in the unit, beside the bound of the ratio. */
  readonly limit?: number;
  /** All counted samples, in the order in which they were taken: ours and the rival's in turn. */
  readonly samples: { readonly ours: readonly number[]; readonly theirs: readonly number[] };
}

/** The median; of an even count, the mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new TypeError("the median of nothing");
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** A measurement without its numbers. */
type Question = Pick<Measurement, "name" | "what" | "rival" | "unit" | "bound" | "limit">;

/** Takes both sides' samples in turn (A B A B …), so that a machine whose speed drifts does not favour one. */
export async function compare({
  rounds,
  ours,
  theirs,
  ...question
}: Question & { readonly rounds: number; ours(): Promise<number>; theirs(): Promise<number> }): Promise<Measurement> {
  const samples = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    samples.theirs.push(await theirs());
    checkInterrupt();
    samples.ours.push(await ours());
    checkInterrupt();
  }
  return measurement({ ...question, samples });
}

/** Puts samples that were taken already into a measurement. */
export function measurement(taken: Question & Pick<Measurement, "samples">): Measurement {
  const [ours, theirs] = [median(taken.samples.ours), median(taken.samples.theirs)];
  return { ...taken, ours, theirs, ratio: ours / theirs };
}

/** Things done per second, where `work` does `count`. */
export async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return count / (Number(process.hrtime.bigint() - start) / 1e9);
}

/** Runs `work` over `items`, `lanes` at once; returns items per second. */
export function rate<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  return perSecond(items.length, () => Promise.all(Array.from({ length: lanes }, lane)));
}

/** Whether bound and limit hold. */
export function holds({ ours, ratio, bound, limit = Number.POSITIVE_INFINITY }: Measurement): boolean {
  if (ours > limit) return false;
  return "atMost" in bound ? ratio <= bound.atMost : ratio >= bound.atLeast;
}

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** One measurement in words. */
export function sentence(result: Measurement): string {
  const ratio = "atMost" in result.bound ? `at most ${result.bound.atMost}` : `at least ${result.bound.atLeast}`;
  const bound = result.limit === undefined ? ratio : `${ratio}, and ${result.limit} ${result.unit}`;
  return [
    `${holds(result) ? "holds " : "MISSED"} ${result.name}: ${number(result.ratio)} (${bound})`,
    `       ${result.what}: ${number(result.ours)} ${result.unit}`,
    `       ${result.rival}: ${number(result.theirs)} ${result.unit}`,
  ].join("\n");
}
