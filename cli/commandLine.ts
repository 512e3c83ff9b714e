import { nearest } from "../certs/nearest";

/** One option of a command. */
export interface OptionRule {
  /** What its value is called in the help, such as `FILE`; without it the option is a switch. */
  readonly value?: string;
  readonly about: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  /** The smallest whole number allowed; makes the value a number. */
  readonly from?: number;
}

/** What a command takes. */
export interface CommandRule {
  readonly about: string;
  /** What its operands are called, such as `FILE`; without it there are none. One at least, where there are. */
  readonly operands?: string;
  readonly options: Readonly<Record<string, OptionRule>>;
}

/** What was wrong with a command line, all of it at once. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

/** The values of a command line. Those that break their rule are given, but have no value. */
export class Arguments {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #wrong: ReadonlySet<string>;

  /** `wrong`: the options that are given wrongly, be it under a wrong name. */
  constructor(
    operands: readonly string[],
    values: ReadonlyMap<string, readonly string[]>,
    wrong: ReadonlySet<string> = new Set(),
  ) {
    this.operands = operands;
    this.#values = values;
    this.#wrong = wrong;
  }

  /** Whether an option or switch is given, rightly or wrongly: what is given wrongly is not missing besides. */
  has(name: string): boolean {
    return this.#values.has(name) || this.#wrong.has(name);
  }

  /** An option's value, the last one given; undefined as well where it breaks its rule, which is a fault already. */
  text(name: string): string | undefined {
    return this.#wrong.has(name) ? undefined : this.#values.get(name)?.at(-1);
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

/** A value as a fault shows it: in quotes, its control and formatting characters escaped. */
export function shown(value: string): string {
  return `'${legible(value)}'`;
}

function valueFault(name: string, rule: OptionRule, value: string | undefined): string | undefined {
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
interface Given {
  /** With its dashes, without its value. */
  readonly word: string;
  readonly value: string | undefined;
}

/**
 * Takes the words apart. The value of an option is the next word unless that is an option itself (`--name=--x` is one).
 * What follows an option that there is not, unless a switch was meant, is no operand either, and is kept nowhere: it may
 * be a secret, which a file of that name, not found, would tell.
 */
function split(
  rule: CommandRule,
  argv: readonly string[],
): { given: Given[]; operands: string[]; passedOver: boolean } {
  const given: Given[] = [];
  const operands: string[] = [];
  let passedOver = false;
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? "";
    if (word === "--") return { given, operands: [...operands, ...argv.slice(index + 1)], passedOver };
    if (!isOption(word)) {
      operands.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    if (equals > 0) {
      given.push({ word: word.slice(0, equals), value: word.slice(equals + 1) });
      continue;
    }
    const option = optionOf(rule, word);
    const near = option ?? rule.options[meant(rule, word) ?? ""];
    const next = argv[index + 1];
    const value = option?.value !== undefined && next?.startsWith("--") === false ? next : undefined;
    if (value !== undefined) index += 1;
    given.push({ word, value });
    if (option !== undefined || (near !== undefined && near.value === undefined)) continue;
    while (index + 1 < argv.length && !isOption(argv[index + 1] ?? "")) {
      passedOver = true;
      index += 1;
    }
  }
  return { given, operands, passedOver };
}

const isOption = (word: string): boolean => word.startsWith("-") && word !== "-";

function optionOf(rule: CommandRule, word: string): OptionRule | undefined {
  const name = word.slice(2);
  return word.startsWith("--") && Object.hasOwn(rule.options, name) ? rule.options[name] : undefined;
}

/** The name of the option that a word, which is none, was probably meant to be. */
function meant(rule: CommandRule, word: string): string | undefined {
  const name = word.replace(/^-+/, "").toLowerCase();
  // Nobody who leaves a `no-` out means it: --passphrase is not near --no-passphrase.
  const known = Object.keys(rule.options).filter((option) => name.startsWith("no") || !option.startsWith("no-"));
  return known.find((option) => name.length >= 3 && option.startsWith(name)) ?? nearest(name, known);
}

/** Reads a command line by its rule: what can be known of it, and every fault, in words. */
export function readArguments(
  rule: CommandRule,
  argv: readonly string[],
): { readonly args: Arguments; readonly faults: readonly string[] } {
  const { given, operands, passedOver } = split(rule, argv);
  const faults: string[] = [];
  const values = new Map<string, string[]>();
  const wrong = new Set<string>();
  const unknown = given.filter(({ word }) => optionOf(rule, word) === undefined);
  // Their values are not shown: one may be a secret under a wrong name.
  for (const { word } of unknown) {
    const near = meant(rule, word);
    if (near !== undefined) wrong.add(near);
    const remedy = near === undefined ? "--help tells the options" : `--${near} is probably meant`;
    faults.push(`${legible(word)}: there is no such option; ${remedy}`);
  }
  for (const { word, value } of given) {
    const option = optionOf(rule, word);
    if (option === undefined) continue;
    const name = word.slice(2);
    const before = values.get(name) ?? [];
    const found = [valueFault(name, option, value)];
    if (before.length > 0) found.push(`--${name}: it is given more than once; give it once`);
    for (const fault of found) {
      if (fault === undefined) continue;
      faults.push(fault);
      wrong.add(name);
    }
    values.set(name, [...before, value ?? ""]);
  }
  for (const [name, { required, value }] of Object.entries(rule.options)) {
    if (required === true && !values.has(name) && !wrong.has(name)) {
      faults.push(`--${name} is missing: the command needs it; give --${name} ${value}`);
    }
  }
  if (rule.operands !== undefined && operands.length === 0 && !passedOver) {
    faults.push(`${rule.operands} is missing: the command needs it; name it after the command`);
  }
  // After an unknown switch a stray word may be a value all the same.
  if (rule.operands === undefined && unknown.length === 0) {
    for (const operand of operands) {
      faults.push(`${shown(operand)} is not expected here: the command takes options only; leave it out`);
    }
  }
  return { args: new Arguments(operands, values, wrong), faults };
}

/** The help of a command: what it does and its options. */
export function helpText(command: string, { about, operands, options }: CommandRule): string {
  const left = ([name, { value }]: [string, OptionRule]): string =>
    `  --${name}${value === undefined ? "" : ` ${value}`}`;
  const entries = Object.entries(options);
  const width = Math.max(...entries.map((entry) => left(entry).length)) + 2;
  const lines = entries.map((entry) => {
    const [, { about: text, choices, required }] = entry;
    const more = [choices === undefined ? "" : `: ${choices.join(", ")}`, required === true ? " (required)" : ""].join(
      "",
    );
    return `${left(entry).padEnd(width)}${text}${more}`;
  });
  const usage = ["zero-touch certs", command, operands, "[options]"].filter(Boolean).join(" ");
  return `${about}\n\nUsage: ${usage}\n\n${lines.join("\n")}\n`;
}
