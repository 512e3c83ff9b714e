import { type Clock, unixSeconds } from "../../kernel/clock";
import type { ObjectVersion } from "./objectVersion";

/** Moments that are made up for at once. */
const LIMIT = 12;

/**
 * Returns the times up to `now` at which a new version was due since the last access: from `first`
 * on, `next` gives the one after a version that was made at a moment. All in seconds since 1970. Of more than 12 the last 12:
 * a clock that is moved by decades is not to make thousands of keys.
 */
export function missedMoments(
  first: number | undefined,
  next: (made: number) => number | undefined,
  now: number,
): number[] {
  const moments: number[] = [];
  let at = first;
  while (at !== undefined && at <= now) {
    moments.push(at);
    if (moments.length > LIMIT) moments.shift();
    const following = next(at);
    // A policy of an older state may ask for a renewal before the making.
    at = following !== undefined && following > at ? following : undefined;
  }
  return moments;
}

/** A policy by which an object gets new versions. Times in seconds since 1970. */
export interface VersionPolicy {
  /** When the latest version is due, and when the policy was set: it has no effect before. Undefined: never. */
  due(latest: ObjectVersion): { readonly at: number | undefined; readonly set: number } | undefined;
  /** Adds the versions that are due, the first of them at `first`. */
  addDue(latest: ObjectVersion, first: number): Promise<void>;
}

/**
 * Adds the versions that are due by a policy. Azure does so in the background; here the next access to the object does, and
 * each version gets the date at which it was due.
 */
export class PolicyFollower {
  /** When the latest version is due. */
  readonly #due = new WeakMap<ObjectVersion, number>();
  /** Running additions, by object: concurrent callers add the same versions. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(
    readonly policy: VersionPolicy,
    readonly clock: Clock,
  ) {}

  async follow(latest: ObjectVersion): Promise<void> {
    const due = this.#dueOf(latest);
    if (unixSeconds(this.clock) < due) return;
    const id = `${latest.vault}/${latest.name.toLowerCase()}`;
    const running = this.#running.get(id) ?? this.policy.addDue(latest, due).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    await running;
  }

  #dueOf(latest: ObjectVersion): number {
    let moment = this.#due.get(latest);
    if (moment === undefined) {
      const due = this.policy.due(latest);
      moment = due?.at === undefined ? Number.POSITIVE_INFINITY : Math.max(due.at, due.set, latest.attributes.created);
      this.#due.set(latest, moment);
    }
    return moment;
  }
}
