import { SetupError } from "../../bootstrap/setupError.cjs";

/** A part of a fleet: every device with an index that leaves the remainder `index` when divided by `count`. */
export interface Shard {
  /** From 0, as Kubernetes counts the pods of an indexed Job. */
  readonly index: number;
  readonly count: number;
}

/** The whole fleet as one shard. */
export const WHOLE: Shard = Object.freeze({ index: 0, count: 1 });

/** Whether the device with an index, from 0, belongs to a shard. Each device belongs to exactly one of `count` shards. */
export const isInShard = (device: number, { index, count }: Shard): boolean => device % count === index;

/** The number of devices of a shard in a fleet of `total`. */
export const shardSize = (total: number, { index, count }: Shard): number =>
  index >= total ? 0 : Math.floor((total - 1 - index) / count) + 1;

/** The text of a shard, as `--shard` takes it. */
export const shardText = ({ index, count }: Shard): string => `${index}/${count}`;

/** Reads `INDEX/COUNT`. Errors: SetupError WRONG_SHARD. */
export function readShard(text: string | undefined): Shard {
  if (text === undefined) return WHOLE;
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index < shard.count) return shard;
  throw new SetupError(
    "WRONG_SHARD",
    `"${text.slice(0, 40)}" is no shard.`,
    "A shard is INDEX/COUNT, and its index is at least 0 and less than the count.",
    ["--shard 0/4", "in an indexed Job of Kubernetes: --shard $(JOB_COMPLETION_INDEX)/4"],
  );
}
