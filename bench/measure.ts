import { checkInterrupt } from "./interrupt";

/** What one measurement says: ours against a rival, in one run on one machine. */
export interface Measurement {
  /** For example `preview.new`. */
  readonly name: string;
  /** What was measured, on what. */
  readonly what: string;
  readonly rival: string;
  readonly unit: "s" | "registrations/s" | "certificates/s" | "chains/s" | "signatures/s" | "MB" | "ms";
  /** Medians. */
  readonly ours: number;
  readonly theirs: number;
  /** Ours ÷ theirs, as the bound counts it. */
  readonly ratio: number;
  readonly bound: { readonly atMost: number } | { readonly atLeast: number };
  /** All counted samples, in the order in which they were taken: ours and the rival's in turn. */
  readonly samples: { readonly ours: readonly number[]; readonly theirs: readonly number[] };
}

/** The median; of an even count, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new TypeError("the median of nothing");
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** What a measurement is about; the numbers come from {@link compare}. */
export type Question = Pick<Measurement, "name" | "what" | "rival" | "unit" | "bound">;

/** Takes both sides' samples in turn (A B A B …), so that a machine whose speed drifts does not favour one. */
export async function compare(
  question: Question,
  rounds: number,
  sides: { ours(): Promise<number>; theirs(): Promise<number> },
): Promise<Measurement> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await sides.theirs());
    checkInterrupt();
    ours.push(await sides.ours());
    checkInterrupt();
  }
  return measurement(question, ours, theirs);
}

/** Puts samples that were taken already into a measurement. */
export function measurement(question: Question, ours: readonly number[], theirs: readonly number[]): Measurement {
  const [a, b] = [median(ours), median(theirs)];
  return { ...question, ours: a, theirs: b, ratio: a / b, samples: { ours, theirs } };
}

/** Whether the bound holds. */
export function holds({ ratio, bound }: Measurement): boolean {
  return "atMost" in bound ? ratio <= bound.atMost : ratio >= bound.atLeast;
}

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** One measurement in words. */
export function sentence(result: Measurement): string {
  const bound = "atMost" in result.bound ? `at most ${result.bound.atMost}` : `at least ${result.bound.atLeast}`;
  return [
    `${holds(result) ? "holds " : "MISSED"} ${result.name}: ${number(result.ratio)} (${bound})`,
    `       ${result.what}: ${number(result.ours)} ${result.unit}`,
    `       ${result.rival}: ${number(result.theirs)} ${result.unit}`,
  ].join("\n");
}
