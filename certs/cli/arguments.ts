/** One option of a command. */
export interface OptionRule {
  /** What its value is called in the help, such as `FILE`; without it the option is a switch. */
  readonly value?: string;
  readonly about: string;
  readonly required?: boolean;
  /** Whether it may be given more than once. */
  readonly many?: boolean;
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

/** The values of a command line that has been checked against its rule. */
export class Arguments {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(operands: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.operands = operands;
    this.#values = values;
  }

  /** Whether an option or switch is given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** An option's value, the last one given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** The value of an option that the rule requires. */
  need(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new TypeError(`--${name} is not required by its rule`);
    return value;
  }

  /** The value of an option with `from` in its rule. */
  number(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : Number(value);
  }

  /** Every value of an option that may be given more than once. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

function valueFault(name: string, rule: OptionRule, value: string | undefined): string | undefined {
  if (rule.value === undefined) return value === undefined ? undefined : `--${name} takes no value`;
  // An empty value is a shell variable that was not set.
  if (value === undefined || value === "") return `--${name} needs a value (${rule.value})`;
  if (rule.choices !== undefined && !rule.choices.includes(value)) {
    return `--${name} is one of ${rule.choices.join(", ")}, not '${value}'`;
  }
  if (rule.from !== undefined && !(/^\d{1,9}$/.test(value) && Number(value) >= rule.from)) {
    return `--${name} is a whole number from ${rule.from}, not '${value}'`;
  }
  return undefined;
}

/** A word of the command line that is an option. */
interface Given {
  /** With its dashes, without its value. */
  readonly word: string;
  readonly value: string | undefined;
}

/** Takes the words apart. The value of an option is the next word unless that is an option itself (`--name=--x` is one). */
function split(rule: CommandRule, argv: readonly string[]): { given: Given[]; operands: string[] } {
  const given: Given[] = [];
  const operands: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? "";
    if (word === "--") return { given, operands: [...operands, ...argv.slice(index + 1)] };
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    if (equals > 0) {
      given.push({ word: word.slice(0, equals), value: word.slice(equals + 1) });
      continue;
    }
    const takesValue = optionOf(rule, word)?.value !== undefined;
    const next = argv[index + 1];
    const value = takesValue && next?.startsWith("--") === false ? next : undefined;
    if (value !== undefined) index += 1;
    given.push({ word, value });
  }
  return { given, operands };
}

function optionOf(rule: CommandRule, word: string): OptionRule | undefined {
  const name = word.slice(2);
  return word.startsWith("--") && Object.hasOwn(rule.options, name) ? rule.options[name] : undefined;
}

/** Reads a command line by its rule. Throws a {@link UsageError} with every fault. */
export function readArguments(rule: CommandRule, argv: readonly string[]): Arguments {
  const { given, operands } = split(rule, argv);
  const faults: string[] = [];
  const values = new Map<string, string[]>();
  const unknown = given.filter(({ word }) => optionOf(rule, word) === undefined);
  // Their values are not shown: one may be a secret under a wrong name.
  for (const { word } of unknown) faults.push(`there is no option ${word}`);
  for (const { word, value } of given) {
    const option = optionOf(rule, word);
    if (option === undefined) continue;
    const name = word.slice(2);
    const fault = valueFault(name, option, value);
    if (fault !== undefined) faults.push(fault);
    const before = values.get(name) ?? [];
    if (before.length > 0 && option.many !== true) faults.push(`--${name} is given more than once`);
    values.set(name, [...before, value ?? ""]);
  }
  for (const [name, { required, value }] of Object.entries(rule.options)) {
    if (required === true && !values.has(name)) faults.push(`--${name} ${value} is missing`);
  }
  if (rule.operands !== undefined && operands.length === 0) faults.push(`${rule.operands} is missing`);
  // After an unknown option a stray word is most likely its value.
  if (rule.operands === undefined && unknown.length === 0) {
    for (const operand of operands) faults.push(`'${operand}' is not expected here`);
  }
  if (faults.length > 0) throw new UsageError(faults);
  return new Arguments(operands, values);
}

/** The help of a command: what it does and its options. */
export function helpText(command: string, { about, operands, options }: CommandRule): string {
  const left = ([name, { value }]: [string, OptionRule]): string =>
    `  --${name}${value === undefined ? "" : ` ${value}`}`;
  const entries = Object.entries(options);
  const width = Math.max(...entries.map((entry) => left(entry).length)) + 2;
  const lines = entries.map((entry) => {
    const [, { about: text, choices, required, many }] = entry;
    const more = [
      choices === undefined ? "" : `: ${choices.join(", ")}`,
      required === true ? " (required)" : "",
      many === true ? " (may be repeated)" : "",
    ].join("");
    return `${left(entry).padEnd(width)}${text}${more}`;
  });
  const usage = ["zero-touch certs", command, operands, "[options]"].filter(Boolean).join(" ");
  return `${about}\n\nUsage: ${usage}\n\n${lines.join("\n")}\n`;
}
