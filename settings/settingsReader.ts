/** Reads settings of several kinds and collects what is wrong with them, so that all faults are told at once. */
import { type NameKind, nameFault } from "../azure/names";

/** Where a key's text comes from; undefined where it is not set. Lists are JSON. */
export type Source = (key: string) => string | undefined;

/** One thing that is wrong. */
export interface Fault {
  readonly key: string;
  /** What was given. */
  readonly value: string;
  /** What is wrong, or the rule that it breaks. */
  readonly rule: string;
  /** What to do. */
  readonly remedy: string;
}

/** Reads keys one by one; a faulty one gives its default, so that reading goes on. */
export class SettingsReader {
  readonly faults: Fault[] = [];
  /** Every key that was read, set or not. */
  readonly known = new Set<string>();
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = (key) => {
      this.known.add(key);
      return source(key);
    };
  }

  /** Notes a fault. */
  fault(key: string, value: string, rule: string, remedy: string): void {
    this.faults.push({ key, value, rule, remedy });
  }

  /** A text that `check` finds no fault with. */
  text(key: string, initial: string, check: (value: string) => string | undefined): string {
    const value = this.#source(key) ?? initial;
    const rule = check(value);
    if (rule === undefined) return value;
    this.fault(key, value, rule, `pulumi config set ${key} ${initial === "" ? "<value>" : JSON.stringify(initial)}`);
    return initial;
  }

  /** A name by Azure's rule for its kind; empty or not set is undefined. */
  optionalName(key: string, kind: NameKind): string | undefined {
    const value = this.#source(key);
    if (value === undefined || value === "") return undefined;
    const rule = nameFault(kind, value);
    if (rule === undefined) return value;
    this.fault(key, value, rule, `pulumi config set ${key} <name>, or leave it out to have one chosen`);
    return undefined;
  }

  /** One of some words. */
  choice<T extends string>(key: string, choices: readonly T[], initial: T): T {
    const value = this.#source(key) ?? initial;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    this.fault(key, value, `must be one of ${choices.join(", ")}`, `pulumi config set ${key} ${initial}`);
    return initial;
  }

  /** A whole number within limits, both allowed. */
  whole(key: string, minimum: number, maximum: number, initial: number): number {
    const value = this.#source(key) ?? String(initial);
    const number = Number(value);
    if (/^-?\d{1,9}$/.test(value) && number >= minimum && number <= maximum) return number;
    const rule = `must be a whole number from ${minimum} to ${maximum}`;
    this.fault(key, value, rule, `pulumi config set ${key} ${initial}`);
    return initial;
  }

  /** A list of texts, each of which `check` finds no fault with. */
  list(key: string, initial: readonly string[], check: (value: string) => string | undefined): readonly string[] {
    const value = this.#source(key);
    if (value === undefined) return initial;
    const entries = parseList(value);
    if (!entries) {
      this.fault(key, value, "must be a list of texts", `pulumi config set --path '${key}[0]' <value>`);
      return initial;
    }
    return entries.filter((entry, index) => {
      const rule = check(entry);
      if (rule !== undefined)
        this.fault(`${key}[${index}]`, entry, rule, `pulumi config set --path '${key}[${index}]' <value>`);
      return rule === undefined;
    });
  }
}

function parseList(value: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    const isText = (entry: unknown): boolean => typeof entry === "string" || Number.isSafeInteger(entry);
    // `pulumi config set` writes what looks like a whole number as one.
    return Array.isArray(parsed) && parsed.every(isText) ? parsed.map(String) : undefined;
  } catch {
    return undefined;
  }
}
