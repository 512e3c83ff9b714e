import type { CommandOutput } from "../commands/operatorCommand";
import type { OperatorError } from "../operatorError";
import type { CommandLine } from "./lineGrammar";

/** Columns where the client has no terminal. */
const DEFAULT_COLUMNS = 120;

type Row = Readonly<Record<string, unknown>>;

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** Text with its control and invisible characters escaped, so that a terminal obeys none; line breaks and tabs stay. */
export function legible(text: string): string {
  const escaped = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

/** A value as JSON whose control and invisible characters do nothing to a terminal: escaped, it stays the same value. */
export function legibleJson(value: unknown): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (each) => each.split("").map(escaped).join(""));
}

/** A value in a table or list: text as it is, lists of texts with commas, anything else as JSON. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.join(", ");
  return JSON.stringify(value);
}

const title = (key: string): string => key.charAt(0).toUpperCase() + key.slice(1);

const keysOf = (rows: readonly Row[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))];

function table(rows: readonly Row[], columns: number): string | undefined {
  const keys = keysOf(rows);
  const cells = rows.map((row) => keys.map((key) => cell(row[key])));
  if (cells.flat().some((text) => text.includes("\n"))) return undefined;
  const widths = keys.map((key, index) => Math.max(key.length, ...cells.map((row) => row[index]?.length ?? 0)));
  if (widths.reduce((sum, width) => sum + width + 1, -1) > columns) return undefined;
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join(" ")
      .trimEnd();
  return [line(keys.map(title)), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}

function list(rows: readonly Row[]): string {
  const width = Math.max(0, ...keysOf(rows).map((key) => key.length));
  const indent = `\n${" ".repeat(width + 3)}`;
  return rows
    .map((row) =>
      Object.entries(row)
        .map(([key, value]) => `${title(key).padEnd(width)} : ${cell(value).replaceAll("\n", indent)}`.trimEnd())
        .join("\n"),
    )
    .join("\n\n");
}

/**
 * A command's value as text, as PowerShell formats objects: rows as a table where it fits into `columns`, else as a list;
 * one object as a list. Empty where there is nothing to show. It ends with a line break.
 */
export function outputText(value: unknown, columns = DEFAULT_COLUMNS): string {
  let text: string;
  if (Array.isArray(value) && value.length > 0 && value.every(isRow)) text = table(value, columns) ?? list(value);
  else if (Array.isArray(value)) text = value.map(cell).join("\n");
  else if (isRow(value)) text = list([value]);
  else text = cell(value);
  return text === "" ? "" : `${legible(text.replace(/\n+$/, ""))}\n`;
}

/** What a command's output shows: its value as JSON where the line has `--json`, else its text, or its value as text. */
export function shownText({ value, text }: CommandOutput, { asksForJson }: CommandLine, columns?: number): string {
  if (asksForJson) return `${legibleJson(value ?? null)}\n`;
  return outputText(text ?? value, columns);
}

/** What an error shows: JSON where the line has `--json`. */
export function errorText(error: OperatorError, parsed: CommandLine | undefined): string {
  const { code, message, remedy } = error;
  const isJson = parsed?.asksForJson === true;
  return `${isJson ? legibleJson({ error: { code, message, remedy } }) : legible(error.describe())}\n`;
}
