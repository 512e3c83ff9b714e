import { OperatorError } from "../operatorError";
import { DASHES, LineReader, type LineValue, refused, SPACE } from "./lineReader";

/** A word of a command line: `-Name`, with its value where that is attached by a colon, or a value. */
export type LineWord =
  | { readonly parameter: string; readonly value?: LineValue }
  | { readonly parameter?: undefined; readonly value: LineValue };

/** A command line in its words. */
export interface CommandLine {
  readonly command: string;
  readonly words: readonly LineWord[];
  /** Whether `--json` is among the words, which is no parameter of a command. */
  readonly asksForJson: boolean;
}

/** Longest line, in characters. */
export const LONGEST_LINE = 65_536;

const PARAMETER = new RegExp(`^[${DASHES}]([A-Za-z]\\w*)(:?)`);

const STATEMENTS: ReadonlySet<string> = new Set(
  (
    "begin break catch class continue data do dynamicparam else elseif end enum filter finally for foreach function if in " +
    "param process return switch throw trap try until using while workflow"
  ).split(" "),
);

/** Refuses what is no line of a person: other characters than printable ones and tabs. */
function checkCharacters(line: string): void {
  if (line.length > LONGEST_LINE) {
    throw new OperatorError("ParameterInvalid", `The line has more than ${LONGEST_LINE} characters.`);
  }
  if (/[\r\n\v\f\u0085\u2028\u2029]/.test(line)) throw refused("several commands (a line break)");
  if (/(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u.test(line)) throw refused("a control or invisible character");
}

/** Refuses a first word that is no command: a statement, an expression, a program. */
function checkCommand(rest: string): void {
  const [word = ""] = rest.split(SPACE, 1);
  const lower = word.toLowerCase();
  if (STATEMENTS.has(lower)) throw refused(`a statement (${lower})`);
  if (word === "%" || word === "?") throw refused(`a loop or filter (${word})`);
  if (/^\[/.test(word)) throw refused("a .NET type ([ ])");
  if (/^[.~]|[/\\]/.test(word)) throw refused("a program or script file");
  if (/^["'\u2018-\u201f\d,!+*=-]/.test(word)) throw refused("an expression");
}

/**
 * Splits a line of the constrained session into its command and words; undefined for an empty line. Errors: OperatorError
 * ScriptsNotAllowed for whatever PowerShell would read as more than one command with plain values, and names it.
 */
export function parseLine(line: string): CommandLine | undefined {
  checkCharacters(line);
  const reader = new LineReader(line);
  reader.skipSpace();
  if (reader.isAtEnd) return undefined;
  checkCommand(reader.rest);
  const command = reader.item() ?? "";
  const words: LineWord[] = [];
  let asksForJson = false;
  for (reader.skipSpace(); !reader.isAtEnd; reader.skipSpace()) {
    const { rest } = reader;
    const [word = ""] = rest.split(SPACE, 1);
    if (word === "--%") throw refused("the stop-parsing token (--%)");
    if (/^[-+*/%]?=$/.test(word)) throw refused(`an assignment (${word})`);
    if (word.toLowerCase() === "--json") {
      asksForJson = true;
      reader.skip(word.length);
      continue;
    }
    const [matched, parameter] = PARAMETER.exec(rest) ?? [];
    if (matched === undefined || parameter === undefined) {
      words.push({ value: reader.value() });
      continue;
    }
    reader.skip(matched.length);
    if (matched.endsWith(":")) {
      reader.skipSpace();
      words.push({ parameter, value: reader.value() });
    } else {
      words.push({ parameter: parameter + (reader.item() ?? "") });
    }
  }
  return { command, words, asksForJson };
}
