import { CertsError } from "../../certs/errors";
import { UsageError } from "../commandLine";

/** Thrown for a step that is skipped because there is an error already, such as a prompt. Never shown. */
export class Skipped extends Error {
  override readonly name = "Skipped";
}

/** Where an error is, and its remedy. */
interface Place {
  /** The option or operand, such as `--issuer`. */
  readonly field: string;
  /** How to fix it; undefined if the error's message says so. */
  readonly remedy?: string;
}

/** A CertsError as an error of a field. The error of a missing passphrase contains its remedy. */
function fieldError({ code, message }: CertsError, { field, remedy }: Place): string {
  return `${field}: ${message}${remedy === undefined || code === "passphraseNeeded" ? "" : `; ${remedy}`}`;
}

/** Collects the errors of a command before anything is made, so that all are reported at once. */
export class ValidationErrors {
  readonly #found: string[];

  /** Starts with the errors of the command line itself. */
  constructor(found: readonly string[] = []) {
    this.#found = [...found];
  }

  /** Whether there is an error. */
  get any(): boolean {
    return this.#found.length > 0;
  }

  /** Adds an error. */
  add(error: string): void {
    this.#found.push(error);
  }

  /** Returns the result of `work`; undefined, and adds the error, for a CertsError; undefined for {@link Skipped}. */
  async gather<T>(place: Place, work: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof CertsError) this.add(fieldError(error, place));
      else if (!(error instanceof Skipped && this.any)) throw error;
      return undefined;
    }
  }

  /** {@link gather} of the file that an option or operand names; undefined if it names none. */
  async gatherFile<T>(
    place: Place,
    path: string | undefined,
    read: (path: string) => Promise<T>,
  ): Promise<T | undefined> {
    return path === undefined ? undefined : await this.gather(place, () => read(path));
  }

  /** Throws a {@link UsageError} if there is an error. */
  check(): void {
    if (this.any) throw new UsageError(this.#found);
  }

  /** The result of {@link gather}. Throws {@link UsageError} if there is an error. */
  sure<T>(value: T | undefined): T {
    this.check();
    if (value === undefined) throw new TypeError("There is no error, and no result");
    return value;
  }
}
