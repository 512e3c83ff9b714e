import { CertsError } from "../errors";
import { UsageError } from "./arguments";

/** Collects what is wrong before anything is made, so that a user is told all of it at once. */
export class Faults {
  readonly #found: string[] = [];

  /** Notes a fault. */
  note(fault: string): void {
    this.#found.push(fault);
  }

  /** The outcome of `work`; a CertsError is noted and gives undefined. */
  async gather<T>(work: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof CertsError) this.note(error.message);
      else if (error instanceof UsageError) this.#found.push(...error.faults);
      else throw error;
      return undefined;
    }
  }

  /** Throws a {@link UsageError} when anything was noted. */
  check(): void {
    if (this.#found.length > 0) throw new UsageError(this.#found);
  }

  /** What {@link gather} gave, known to be there: nothing was noted. */
  sure<T>(value: T | undefined): T {
    this.check();
    if (value === undefined) throw new TypeError("Nothing was noted, and yet nothing is there");
    return value;
  }
}
