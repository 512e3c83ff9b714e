import { createHash } from "node:crypto";
import type { Clock } from "../../certs/clock";
import { OperatorError } from "../operatorError";
import type { OperatorStore } from "../store/operatorStore";

/** When tries by password are refused. */
export interface LockoutRule {
  /** Failures of one user from one source until its password is refused from there. */
  readonly ofUserAtSource: number;
  /** Failures of one user from all sources until its password is refused: one source alone cannot lock a user out. */
  readonly ofUser: number;
  /** Failures from one source until passwords from there are refused. */
  readonly ofSource: number;
  /** How long after the last failure they are refused, and how long a failure counts, in milliseconds. */
  readonly forMs: number;
}

/** The default. */
export const LOCKOUT: LockoutRule = Object.freeze({
  ofUserAtSource: 5,
  ofUser: 50,
  ofSource: 20,
  forMs: 15 * 60_000,
});

/** Times that a count is tried again after another instance's. */
const TRIES = 20;

interface Count {
  readonly failures: number;
  /** Milliseconds since 1970. */
  readonly last: number;
}

/** Failures before a try. */
export interface EarlierFailures {
  readonly isLocked: boolean;
  /** Of the source. */
  readonly failures: number;
}

/**
 * Counts failures of sign-in by password, per user and per source, for all instances. A try counts as a failure before the
 * password is compared, so that tries side by side cannot evade the count.
 */
export class SignInFailures {
  constructor(
    private readonly store: OperatorStore,
    private readonly clock: Clock,
    private readonly rule: LockoutRule = LOCKOUT,
  ) {}

  /** Counts a try of a user's password from a source; returns what was counted before. */
  async count(user: string, source: string): Promise<EarlierFailures> {
    // A locked count does not grow, so that its lock ends whatever is tried meanwhile.
    const next = (limit: number) => (failures: number) => Math.min(failures + 1, limit);
    const { ofSource, ofUserAtSource, ofUser } = this.rule;
    const failures = await this.change(sourceDocument(source), next(ofSource));
    // What is refused anyway counts no further, so that a locked source locks nothing else.
    const isLocked =
      failures >= ofSource ||
      (await this.change(pairDocument(user, source), next(ofUserAtSource))) >= ofUserAtSource ||
      (await this.change(userDocument(user), next(ofUser))) >= ofUser;
    return { isLocked, failures };
  }

  /** Forgets a user's failures, and the one try of the source, after the right password. */
  async succeeded(user: string, source: string): Promise<void> {
    await this.change(userDocument(user), () => 0);
    await this.change(pairDocument(user, source), () => 0);
    await this.change(sourceDocument(source), (failures) => Math.max(0, failures - 1));
  }

  /** Until when a user's password is refused, from anywhere or from a source; undefined where it is not. */
  async lockedUntil(user: string): Promise<Date | undefined> {
    const { ofUserAtSource, ofUser, forMs } = this.rule;
    const locks = (await this.documentsOf(user)).map(async (name) => {
      const { failures, last } = this.present((await this.store.read(name))?.value);
      return failures >= (name === userDocument(user) ? ofUser : ofUserAtSource) ? last + forMs : 0;
    });
    const until = Math.max(...(await Promise.all(locks)));
    return until > 0 ? new Date(until) : undefined;
  }

  /** Forgets a user's failures, from all sources. */
  async forget(user: string): Promise<void> {
    for (const name of await this.documentsOf(user)) await this.change(name, () => 0);
  }

  /** Removes what no longer counts. */
  async removeOld(): Promise<void> {
    for (const name of await this.store.list("failures/")) await this.change(name, (failures) => failures);
  }

  private async documentsOf(user: string): Promise<string[]> {
    return [userDocument(user), ...(await this.store.list(pairDocument(user, "")))];
  }

  /** A count without what is too long ago. A failure in the future is of a clock that has moved back since, and counts. */
  private present(value: Readonly<Record<string, unknown>> | undefined): Count {
    const { failures, last } = (value ?? { failures: 0, last: 0 }) as unknown as Count;
    const now = this.clock.now().getTime();
    if (last > now) return { failures, last: now };
    return now - last < this.rule.forMs ? { failures, last } : { failures: 0, last: now };
  }

  /** Changes a count; returns the one before. */
  private async change(name: string, next: (failures: number) => number): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      const stored = await this.store.read(name);
      const before = this.present(stored?.value);
      const failures = next(before.failures);
      if (failures === before.failures && failures > 0) return failures;
      try {
        if (failures === 0 && stored !== undefined) await this.store.remove(name, stored.etag);
        else if (failures > 0)
          await this.store.write(name, { failures, last: this.clock.now().getTime() }, stored?.etag);
        return before.failures;
      } catch (error) {
        if (!(error instanceof OperatorError) || error.code !== "StoreConflict" || tries === TRIES) throw error;
      }
    }
  }
}

/** Names of users and sources have more characters than those of documents. */
const hashed = (name: string): string => createHash("sha256").update(name.toLowerCase()).digest("hex").slice(0, 32);

const userDocument = (user: string): string => `failures/users/${hashed(user)}`;
const sourceDocument = (source: string): string => `failures/sources/${hashed(source)}`;

/** The document of a user at a source; without one, what the names of all of the user begin with. */
const pairDocument = (user: string, source: string): string =>
  `failures/pairs/${hashed(user)}/${source === "" ? "" : hashed(source)}`;
