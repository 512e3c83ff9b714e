import { parseArgs } from "node:util";
import { nearestWord } from "../certs/nearestWord";
import type { CommandRule, OptionRule } from "./commandUsage";

/** All errors of a command line. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  constructor(readonly errors: readonly string[]) {
    super(errors.join("\n"));
  }
}

/** The values of a command line. Those that break their rule are given, but have no value. */
export class Arguments {
  /**
   * `rest`: what another command takes, in order ({@link CommandRule.passesTo}). `wrong`: the options that are given wrongly,
   * be it under a wrong name.
   */
  constructor(
    readonly operands: readonly string[],
    readonly rest: readonly string[],
    private readonly values: ReadonlyMap<string, readonly string[]> = new Map(),
    private readonly wrong: ReadonlySet<string> = new Set(),
  ) {}

  /** Whether an option or switch is given, rightly or wrongly: what is given wrongly is not missing besides. */
  has(name: string): boolean {
    return this.values.has(name) || this.wrong.has(name);
  }

  /** An option's value, the last one given; undefined as well where it breaks its rule, which is an error already. */
  text(name: string): string | undefined {
    return this.wrong.has(name) ? undefined : this.values.get(name)?.at(-1);
  }

  /** The value of an option that the rule requires, once it is known that nothing was wrong. */
  need(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new TypeError(`--${name} is not required by its rule, or was not checked`);
    return value;
  }

  /** The value of an option with `from` in its rule; undefined as {@link text}. */
  number(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : Number(value);
  }
}

/** A text whose control and formatting characters do nothing to the terminal. */
function legible(text: string): string {
  const escaped = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

/** A value as an error shows it: in quotes, its control and formatting characters escaped. */
export function shown(value: string): string {
  return `'${legible(value)}'`;
}

function valueError(name: string, rule: OptionRule, value: string | undefined): string | undefined {
  // The value is not shown: after --ask-passphrase it is one.
  if (rule.value === undefined) {
    return value === undefined ? undefined : `--${name}: it takes no value; give --${name} alone`;
  }
  // An empty value is a shell variable that was not set.
  if (value === undefined || value === "") {
    return `--${name} is ${value === undefined ? "without a value" : shown(value)}: it needs one; give --${name} ${rule.value}`;
  }
  if (rule.choices !== undefined && !rule.choices.includes(value)) {
    return `--${name} is ${shown(value)}: one of ${rule.choices.join(", ")}; choose one of these`;
  }
  if (rule.from !== undefined && !(/^\d{1,9}$/.test(value) && Number(value) >= rule.from)) {
    return `--${name} is ${shown(value)}: a whole number from ${rule.from} to 999999999; correct it or leave it out`;
  }
  return undefined;
}

/** A word of the command line that is an option. */
interface GivenOption {
  /** With its dashes, without its value. */
  readonly word: string;
  readonly name: string | undefined;
  readonly value: string | undefined;
}

/** A command line in its parts. */
interface Words {
  readonly given: GivenOption[];
  readonly operands: string[];
  readonly rest: string[];
  /** Whether a word was dropped that may be a secret. */
  hasDropped: boolean;
}

/**
 * Splits the command line. The value of an option is the next word unless that is an option itself (`--name=--x` is one).
 * The words after an unknown option are no operands, unless a switch was meant, and are dropped: one may be a secret, which
 * the error for a missing file of that name would show.
 */
function split(rule: CommandRule, argv: readonly string[]): Words {
  const words: Words = { given: [], operands: [], rest: [], hasDropped: false };
  const { given, operands, rest } = words;
  let last = -1;
  let drops = false;
  for (const { kind, index } of parseArgs({ args: [...argv], strict: false, tokens: true }).tokens) {
    if (index <= last) continue; // A value, or a further letter of `-abc`.
    last = index;
    const word = argv[index] ?? "";
    if (kind !== "option") {
      if (kind === "option-terminator") drops = false;
      if (rule.passesTo !== undefined && rule.operands === undefined) rest.push(word);
      else if (drops) words.hasDropped = true;
      else if (kind === "positional") operands.push(word);
      continue;
    }
    const [before = word] = word.split("=", 1);
    const name = nameOf(rule, before);
    if (name === undefined && rule.passesTo !== undefined) {
      rest.push(word);
      continue;
    }
    let value = before === word ? undefined : word.slice(before.length + 1);
    const next = argv[index + 1];
    if (value === undefined && name !== undefined && rule.options[name]?.value !== undefined) {
      value = next?.startsWith("--") === false ? next : undefined;
      if (value !== undefined) last = index + 1;
    }
    const near = rule.options[name ?? meant(rule, before) ?? ""];
    drops = name === undefined && (near === undefined || near.value !== undefined);
    given.push({ word: before, name, value });
  }
  return words;
}

/** The name of the option that a word is; undefined for an unknown one. */
function nameOf({ options }: CommandRule, word: string): string | undefined {
  const name = word.startsWith("--")
    ? word.slice(2)
    : Object.keys(options).find((each) => word === `-${options[each]?.short}`);
  return name !== undefined && Object.hasOwn(options, name) ? name : undefined;
}

/** The name of the option that a word, which is none, was probably meant to be. */
function meant(rule: CommandRule, word: string): string | undefined {
  const name = word.replace(/^-+/, "").toLowerCase();
  // A word without `no-` never means an option with it: --passphrase is not near --no-passphrase.
  const known = Object.keys(rule.options).filter((option) => name.startsWith("no") || !option.startsWith("no-"));
  return known.find((option) => name.length >= 3 && option.startsWith(name)) ?? nearestWord(name, known);
}

/** Reads a command line by its rule: its values, and every error, in words. */
export function readArguments(
  rule: CommandRule,
  argv: readonly string[],
): { readonly args: Arguments; readonly errors: readonly string[] } {
  const { given, operands, rest, hasDropped } = split(rule, argv);
  const errors: string[] = [];
  const values = new Map<string, string[]>();
  const wrong = new Set<string>();
  const unknown = given.filter(({ name }) => name === undefined);
  // Their values are not shown: one may be a secret under a wrong name.
  for (const { word } of unknown) {
    const near = meant(rule, word);
    if (near !== undefined) wrong.add(near);
    const remedy = near === undefined ? "--help lists the options" : `--${near} is probably meant`;
    errors.push(`unknown option ${legible(word)}; ${remedy}`);
  }
  for (const { name, value } of given) {
    const option = name === undefined ? undefined : rule.options[name];
    if (name === undefined || option === undefined) continue;
    const before = values.get(name) ?? [];
    const found = [valueError(name, option, value)];
    if (before.length > 0) found.push(`--${name}: it is given more than once; give it once`);
    for (const error of found) {
      if (error === undefined) continue;
      errors.push(error);
      wrong.add(name);
    }
    values.set(name, [...before, value ?? ""]);
  }
  for (const [name, { required, value }] of Object.entries(rule.options)) {
    if (required === true && !values.has(name) && !wrong.has(name)) {
      errors.push(`--${name} is missing: the command needs it; give --${name} ${value}`);
    }
  }
  const needsOperand = rule.operands !== undefined && rule.areOperandsOptional !== true;
  if (needsOperand && operands.length === 0 && !hasDropped) {
    errors.push(`${rule.operands} is missing: the command needs it; name it after the command`);
  }
  // After an unknown switch a stray word may be a value all the same.
  if (rule.operands === undefined && unknown.length === 0) {
    for (const operand of operands) {
      errors.push(`${shown(operand)} is not expected here: the command takes options only; leave it out`);
    }
  }
  return { args: new Arguments(operands, rest, values, wrong), errors };
}
