import { CertsError } from "../../certs/errors";
import { UsageError } from "../commandLine";

/**
 * What is left undone because of a fault that is noted already, such as asking for a passphrase in vain. Never told: the
 * fault is.
 */
export class Pointless extends Error {
  override readonly name = "Pointless";
}

/** Where a fault stands, and the way out of it. */
interface Place {
  /** The option or operand at fault, such as `--issuer`. */
  readonly field: string;
  /** What to do; undefined where the error's message says it. */
  readonly remedy?: string;
}

/** A CertsError as a fault of a field. What a passphrase needs is told by its error itself. */
function told({ code, message }: CertsError, { field, remedy }: Place): string {
  return `${field}: ${message}${remedy === undefined || code === "passphraseNeeded" ? "" : `; ${remedy}`}`;
}

/** Collects what is wrong before anything is made, so that a user is told all of it at once. */
export class Faults {
  readonly #found: string[];

  /** Begins with the faults of the command line itself. */
  constructor(found: readonly string[] = []) {
    this.#found = [...found];
  }

  /** Whether anything was noted. */
  get any(): boolean {
    return this.#found.length > 0;
  }

  /** Notes a fault. */
  note(fault: string): void {
    this.#found.push(fault);
  }

  /** The outcome of `work`; a CertsError is noted, at its place, and gives undefined; so does what is {@link Pointless}. */
  async gather<T>(place: Place, work: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof CertsError) this.note(told(error, place));
      else if (!(error instanceof Pointless && this.any)) throw error;
      return undefined;
    }
  }

  /** Throws a {@link UsageError} when anything was noted. */
  check(): void {
    if (this.any) throw new UsageError(this.#found);
  }

  /** What {@link gather} gave, known to be there: nothing was noted. */
  sure<T>(value: T | undefined): T {
    this.check();
    if (value === undefined) throw new TypeError("Nothing was noted, and yet nothing is there");
    return value;
  }
}
