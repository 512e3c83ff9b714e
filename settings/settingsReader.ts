/** Reads configuration keys and collects every error, so that a run reports all of them at once. */
import { type NameKind, nameError } from "../azure/names";

/** Returns the text of a configuration key; undefined if it is not set. Lists are JSON. */
export type Source = (key: string) => string | undefined;

/** Returns the rule that a value breaks; undefined for a valid value. */
export type Rule = (value: string) => string | undefined;

/** An invalid configuration value. */
export interface SettingError {
  /** The configuration key, with the index for an entry of a list: `tags[1]`. */
  readonly key: string;
  /** The given value. */
  readonly value: string;
  /** The rule that the value breaks. */
  readonly rule: string;
  /** How to fix it. */
  readonly remedy: string;
}

/** Reads one key at a time. An invalid key yields its default, so that reading goes on. */
export class SettingsReader {
  readonly errors: SettingError[] = [];
  /** Every key that was read, set or not. */
  readonly known = new Set<string>();
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = (key) => {
      this.known.add(key);
      return source(key);
    };
  }

  addError(key: string, value: string, rule: string, remedy: string): void {
    this.errors.push({ key, value, rule, remedy });
  }

  /** A text. */
  text(key: string, initial: string, check: Rule): string {
    const value = this.#source(key) ?? initial;
    const rule = check(value);
    if (rule === undefined) return value;
    this.addError(key, value, rule, `pulumi config set ${key} ${initial === "" ? "<value>" : JSON.stringify(initial)}`);
    return initial;
  }

  /** A name that follows Azure's rule for its kind; undefined if it is empty or not set. */
  optionalName(key: string, kind: NameKind): string | undefined {
    const value = this.#source(key);
    if (value === undefined || value === "") return undefined;
    const rule = nameError(kind, value);
    if (rule === undefined) return value;
    this.addError(key, value, rule, `pulumi config set ${key} <name>, or remove the key for a generated name`);
    return undefined;
  }

  /** One of several words. */
  choice<T extends string>(key: string, choices: readonly T[], initial: T): T {
    const value = this.#source(key) ?? initial;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    this.addError(key, value, `must be one of ${choices.join(", ")}`, `pulumi config set ${key} ${initial}`);
    return initial;
  }

  /** `true` or `false`; default false. */
  flag(key: string): boolean {
    return this.choice(key, ["true", "false"], "false") === "true";
  }

  /** A whole number from `minimum` to `maximum`, inclusive. */
  whole(key: string, minimum: number, maximum: number, initial: number): number {
    const value = this.#source(key) ?? String(initial);
    const number = Number(value);
    if (/^-?\d{1,9}$/.test(value) && number >= minimum && number <= maximum) return number;
    const rule = `must be a whole number from ${minimum} to ${maximum}`;
    this.addError(key, value, rule, `pulumi config set ${key} ${initial}`);
    return initial;
  }

  /** A list of texts; invalid entries are left out. */
  list(key: string, initial: readonly string[], check: Rule): string[] {
    const value = this.#source(key);
    const entries = value === undefined ? initial : parseList(value);
    if (entries === undefined) {
      const rule = "must be a list of texts";
      this.addError(key, value ?? "", rule, `pulumi config set --path '${key}[0]' <value>`);
      return [...initial];
    }
    return entries.filter((entry, index) => {
      const rule = check(entry);
      if (rule !== undefined)
        this.addError(`${key}[${index}]`, entry, rule, `pulumi config set --path '${key}[${index}]' <value>`);
      return rule === undefined;
    });
  }
}

function parseList(value: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    const isText = (entry: unknown): boolean => typeof entry === "string" || Number.isSafeInteger(entry);
    // `pulumi config set` writes digits as a number.
    return Array.isArray(parsed) && parsed.every(isText) ? parsed.map(String) : undefined;
  } catch {
    return undefined;
  }
}
