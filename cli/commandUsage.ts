/** What a command takes, and its help. */

/** One option of a command. */
export interface OptionRule {
  /** What its value is called in the help, such as `FILE`; without it the option is a switch. */
  readonly value?: string;
  readonly about: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  /** One letter, for `-s` beside `--stack`. */
  readonly short?: string;
  /** The smallest whole number allowed; makes the value a number. */
  readonly from?: number;
}

/** What a command takes. */
export interface CommandRule {
  /** How it is called, for its help; for example `npm run up [-- OPTIONS]`. */
  readonly usage: string;
  readonly about: string;
  /** What its operands are called, such as `FILE`; without it there are none. At least one, where there are. */
  readonly operands?: string;
  readonly areOperandsOptional?: boolean;
  /** Which command takes all that this one does not know, such as `pulumi up`; without it that is an error. */
  readonly passesTo?: string;
  readonly options: Readonly<Record<string, OptionRule>>;
}

/** The help of a command: how it is called, what it does, and its options. */
export function helpText({ usage, about, options, passesTo }: CommandRule): string {
  const left = ([name, { value, short }]: [string, OptionRule]): string =>
    `--${name}${value === undefined ? "" : ` ${value}`}${short === undefined ? "" : `, -${short}`}`;
  const rows = Object.entries(options).map((entry): [string, string] => {
    const [, { about: text, choices, required }] = entry;
    const more = `${choices === undefined ? "" : `: ${choices.join(", ")}`}${required === true ? " (required)" : ""}`;
    return [left(entry), `${text}${more}`];
  });
  if (passesTo !== undefined)
    rows.push(["anything else", `goes to ${passesTo}; npm run ${passesTo.replace(" ", " -- ")} --help lists it`]);
  const width = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}${text}\n`);
  return `Usage: ${usage}\n\n${about}\n${lines.length === 0 ? "" : `\n${lines.join("")}`}`;
}

/** Whether `--help` or `-h` is among the arguments. */
export function asksForHelp(args: readonly string[]): boolean {
  return args.some((argument) => argument === "--help" || argument === "-h");
}
