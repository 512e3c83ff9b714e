import { SetupError } from "../../bootstrap/setupError.cjs";
import { OperatorError } from "../../operator/operatorError";
import type { OperatorStore, StoreLease } from "../../operator/store/operatorStore";
import type { Shard } from "./shard";

/** A lease lasts a minute, is renewed every ten seconds, and counts as lost without a renewal for 25: requests in flight end within 30 more. */
const LEASE_SECONDS = 60;
const RENEWAL_MS = 10_000;
const LOST_AFTER_MS = 25_000;
/** Milliseconds between two writes of the journal: a blob takes 50,000 of them, which is a day. */
const FLUSH_MS = 2000;
/** Milliseconds between two looks for a shard that is free. */
const LOOK_MS = 5000;
/** Most bytes of one write: a blob takes 4 MiB. */
const LARGEST_WRITE = 1 << 20;

/** What makes a shard complete. */
export interface FleetSize {
  readonly idScope: string;
  /** Devices of the whole fleet. */
  readonly devices: number;
  readonly messages: number;
}

/** What a claim depends on. */
export interface ClaimOptions {
  readonly store: OperatorStore;
  /** Number of shards. */
  readonly shards: number;
  readonly size: FleetSize;
  /** `wait` ends early when the signal is aborted, and rejects never. */
  readonly clock: { now(): number; wait(milliseconds: number, signal: AbortSignal): Promise<unknown> };
  /** Ends the search for a shard. */
  readonly signal: AbortSignal;
}

/** What the names of journals begin with. */
export const JOURNALS = "fleet/shard-";

/** The name of a shard's journal, and of its completion, in the store. */
const nameOf = ({ index, count }: Shard): string => `${JOURNALS}${index}-of-${count}`;

const hasCode = (error: unknown, ...codes: readonly OperatorError["code"][]): boolean =>
  error instanceof OperatorError && codes.includes(error.code);

async function isComplete(store: OperatorStore, shard: Shard, size: FleetSize): Promise<boolean> {
  const { value } = (await store.read(nameOf(shard))) ?? {};
  return value?.idScope === size.idScope && value.devices === size.devices && Number(value.messages) >= size.messages;
}

/** The lease of a shard's journal; undefined where another process has it. */
async function leaseOf(store: OperatorStore, shard: Shard): Promise<StoreLease | undefined> {
  const name = nameOf(shard);
  try {
    return await store.createLog(name, LEASE_SECONDS).catch((error: unknown) => {
      if (!hasCode(error, "StoreConflict")) throw error;
      return store.acquireLease(name, LEASE_SECONDS);
    });
  } catch (error) {
    if (hasCode(error, "LeaseHeld")) return undefined;
    throw error;
  }
}

/**
 * The exclusive right to run a shard, by the lease of its journal in a store that all processes share. A process that has lost
 * the lease cannot write to the journal, and stops.
 */
export class ShardClaim {
  /** Aborted when the lease is lost. */
  readonly signal: AbortSignal;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #keeping: Promise<void>;
  #lines: string[] = [];
  #length: number;
  #confirmed: number;
  #flushing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: ClaimOptions,
    readonly shard: Shard,
    private readonly lease: StoreLease,
    /** The journal of the processes before. */
    readonly before: Buffer,
  ) {
    this.signal = this.#lost.signal;
    this.#length = before.length;
    this.#confirmed = options.clock.now();
    this.#keeping = this.#keep();
  }

  /**
   * Claims the first shard that is neither complete nor claimed; waits while others have all that are left. Undefined when all
   * are complete, or when the search is stopped. Errors: OperatorError StoreUnavailable.
   */
  static async next(options: ClaimOptions): Promise<ShardClaim | undefined> {
    const { store, shards, size, clock, signal } = options;
    for (;;) {
      let left = 0;
      for (let index = 0; index < shards && !signal.aborted; index += 1) {
        const shard = { index, count: shards };
        if (await isComplete(store, shard, size)) continue;
        left += 1;
        const lease = await leaseOf(store, shard);
        if (lease === undefined) continue;
        if (!(await isComplete(store, shard, size))) {
          return new ShardClaim(options, shard, lease, (await store.readLog(lease.log)) ?? Buffer.alloc(0));
        }
        // Its last owner completed it in the meantime.
        await store.releaseLease(lease);
        left -= 1;
      }
      if (left === 0 || signal.aborted) return undefined;
      await clock.wait(LOOK_MS, signal);
    }
  }

  /** Adds a line of the journal, which is written within two seconds. */
  add(line: string): void {
    this.#lines.push(line);
  }

  /** Writes what is left and releases the lease; a complete shard is not claimed again. Errors: OperatorError. */
  async close(complete: boolean): Promise<void> {
    this.#ended.abort();
    await this.#keeping;
    if (this.signal.aborted) throw lostClaim(this.shard, this.signal.reason);
    await this.#flush();
    const { store, size } = this.options;
    if (complete) {
      const name = nameOf(this.shard);
      await store.write(name, { ...size }, (await store.read(name))?.etag);
    }
    await store.releaseLease(this.lease);
  }

  async #keep(): Promise<void> {
    const { clock, store } = this.options;
    while (!this.#ended.signal.aborted && !this.signal.aborted) {
      await clock.wait(FLUSH_MS, this.#ended.signal);
      const asked = clock.now();
      try {
        if (asked - this.#confirmed >= RENEWAL_MS) {
          await store.renewLease(this.lease, LEASE_SECONDS);
          this.#confirmed = asked;
        }
        await this.#flush();
      } catch (error) {
        const isLost = hasCode(error, "LeaseHeld", "StoreConflict");
        if (isLost || clock.now() - this.#confirmed >= LOST_AFTER_MS) this.#lost.abort(error);
      }
    }
  }

  #flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      let [count, bytes] = [0, 0];
      for (const line of this.#lines) {
        if (bytes >= LARGEST_WRITE) break;
        bytes += Buffer.byteLength(line);
        count += 1;
      }
      const text = this.#lines.slice(0, count).join("");
      this.#length = await this.options.store.append(this.lease, this.#length, Buffer.from(text));
      this.#lines = this.#lines.slice(count);
    }
  }
}

/** The error of a process that another one has replaced. */
function lostClaim({ index, count }: Shard, cause: unknown): SetupError {
  return new SetupError(
    "CLAIM_LOST",
    `This process has lost its claim of shard ${index}/${count}.`,
    cause instanceof Error ? cause.message : "Its lease has ended.",
    "run the same command again: it claims a shard that is free, and continues by its journal",
    { cause },
  );
}
