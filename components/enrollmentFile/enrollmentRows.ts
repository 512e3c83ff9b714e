/** The rows of a file of individual enrollments: CSV, JSON, or the manifest that `zero-touch certs issue` writes. */
import { isObject } from "../../azure/wire/jsonObject";
import type { CsvRecord } from "../../certs/bulk/csv";
import { CertsError } from "../../certs/errors";
import { type FieldError, fieldsOfCells, knownColumn } from "./enrollmentColumns";

/** One device of a file, in the shape of an individual enrollment's arguments; certificates are still paths. */
export interface Row {
  /** Counted from 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The devices of a file, and the errors of its form. */
export interface Rows {
  readonly rows: readonly Row[];
  readonly errors: readonly RowError[];
}

/** A validation error of a row, or of the file (at its first line). */
export interface RowError extends FieldError {
  readonly line: number;
  readonly registrationId?: string;
}

/** Readers by file extension. */
export const READERS = { ".csv": readCsvRows, ".json": readJsonRows, ".jsonl": readManifestRows } as const;

const idIn = ({ registrationId }: Readonly<Record<string, unknown>>) =>
  typeof registrationId === "string" ? { registrationId } : {};

/** The result for a file that cannot be read as rows. */
export const malformed = (line: number, rule: string, remedy: string): Rows => ({
  rows: [],
  errors: [{ line, field: "", value: "", rule, remedy }],
});

/** CSV with a first line that names the columns. */
async function readCsvRows(text: string): Promise<Rows> {
  // Loaded at need: a program without such a file does not wait for the parser.
  const { parseCsv } = require("../../certs/bulk/csv") as typeof import("../../certs/bulk/csv");
  const records: CsvRecord[] = [];
  try {
    for await (const record of parseCsv([text])) records.push(record);
  } catch (error) {
    if (!(error instanceof CertsError)) throw error;
    return malformed(Number(error.data.line ?? 1), error.message, "correct the quotes");
  }
  const [header, ...rest] = records;
  const columns = (header?.cells ?? []).map((cell) => cell.trim());
  const keys = columns.map((column) => column.toLowerCase());
  if (!header || !keys.includes("registrationid")) {
    return malformed(1, "the first line names no column registrationId", "begin the file with a line of column names");
  }
  const errors: RowError[] = columns.flatMap((column, index) => {
    const rule = keys.indexOf(keys[index] ?? "") < index ? "the column is there twice" : knownColumn(column);
    return rule === undefined
      ? []
      : [{ line: header.line, field: column, value: "", rule, remedy: "correct the name, or take the column out" }];
  });
  const rows = rest.map(({ cells, line }): Row => {
    const read = fieldsOfCells(columns, cells);
    errors.push(...read.errors.map((each) => ({ line, ...idIn(read.fields), ...each })));
    return { line, fields: read.fields };
  });
  return { rows, errors };
}

/** A JSON array of objects, each with a registrationId and the fields of an individual enrollment. */
async function readJsonRows(text: string): Promise<Rows> {
  const remedy = 'write a list: [{ "registrationId": "device-01", … }]';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    // V8 names the position; the piece of text beside it in newer versions is left out, for it may be a key.
    const at = /position (\d+)/.exec(String(error))?.[1];
    return malformed(at === undefined ? 1 : lineAt(text, Number(at)), "this is not JSON", remedy);
  }
  if (!Array.isArray(parsed)) return malformed(1, "the JSON is not a list", remedy);
  const lines = elementLines(text);
  return rowsOf(parsed.map((fields: unknown, index) => ({ line: lines[index] ?? 1, fields })));
}

/** JSON Lines, such as the manifest of bulk issuing: its certificates become the enrollments'. */
async function readManifestRows(text: string): Promise<Rows> {
  const given = text.split("\n").flatMap((content, index): { line: number; fields: unknown }[] => {
    if (content.trim() === "") return [];
    try {
      return [{ line: index + 1, fields: JSON.parse(content) as unknown }];
    } catch {
      return [{ line: index + 1, fields: undefined }];
    }
  });
  return rowsOf(given.map(({ line, fields }) => ({ line, fields: isObject(fields) ? ofManifest(fields) : fields })));
}

/** The fields of a manifest entry, which names the files of the device; other objects are returned as they are. */
function ofManifest(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { registrationId, files, sha256Thumbprint } = entry;
  if (!Array.isArray(files)) return entry;
  // The layout "files" writes the key apart from the chain, "bundle" both into one.
  return { registrationId, certificate: files.find((file) => !/\.key\.pem$/.test(String(file))), sha256Thumbprint };
}

function rowsOf(given: readonly { readonly line: number; readonly fields: unknown }[]): Rows {
  const rows = given.flatMap(({ line, fields }): Row[] => (isObject(fields) ? [{ line, fields }] : []));
  const errors = given
    .filter(({ fields }) => !isObject(fields))
    .map(({ line }) => ({ line, field: "", value: "", rule: "this is not a JSON object", remedy: "correct the line" }));
  return { rows, errors };
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split("\n").length;

/** The lines on which the elements of a JSON array begin. The text is valid JSON. */
function elementLines(text: string): number[] {
  const lines: number[] = [];
  let [line, depth] = [1, 0];
  let [inText, isAwaited] = [false, true];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\n") line += 1;
    if (inText) {
      if (character === "\\") at += 1;
      else if (character === '"') inText = false;
      continue;
    }
    if (depth === 1 && isAwaited && !/[\s\]]/.test(character)) {
      lines.push(line);
      isAwaited = false;
    }
    if (character === '"') inText = true;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    else if (character === "," && depth === 1) isAwaited = true;
  }
  return lines;
}
