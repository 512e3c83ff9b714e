/** The rows of a file of individual enrollments: CSV, JSON, or the manifest that `zero-touch certs issue` writes. */
import { type CsvRecord, parseCsv } from "../../certs/bulk/csv";
import { CertsError } from "../../certs/errors";
import { type FieldFault, fieldsOfCells, knownColumn } from "./columns";

/** One device of a file, in the shape of an individual enrollment's arguments; certificates are still paths. */
export interface Row {
  /** Counted from 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a file holds, and what is wrong with it as a file. */
export interface Rows {
  readonly rows: readonly Row[];
  readonly faults: readonly RowFault[];
}

/** A fault of a row, or of the file (then at its first line). */
export interface RowFault extends FieldFault {
  readonly line: number;
  readonly registrationId?: string;
}

/** The forms of a file, by the ending of its name. */
export const FORMS = { ".csv": readCsvRows, ".json": readJsonRows, ".jsonl": readManifestRows } as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const idIn = ({ registrationId }: Readonly<Record<string, unknown>>) =>
  typeof registrationId === "string" ? { registrationId } : {};

const malformed = (line: number, rule: string, remedy: string): Rows => ({
  rows: [],
  faults: [{ line, field: "", value: "", rule, remedy }],
});

/** CSV (RFC 4180) with a first line that names the columns. */
async function readCsvRows(text: string): Promise<Rows> {
  const records: CsvRecord[] = [];
  try {
    for await (const record of parseCsv([text])) records.push(record);
  } catch (error) {
    if (!(error instanceof CertsError)) throw error;
    return malformed(Number(error.data.line ?? 1), error.message, "put the quotes right");
  }
  const [header, ...rest] = records;
  const columns = (header?.cells ?? []).map((cell) => cell.trim());
  const keys = columns.map((column) => column.toLowerCase());
  if (!header || !keys.includes("registrationid")) {
    return malformed(1, "the first line names no column registrationId", "begin the file with a line of column names");
  }
  const faults: RowFault[] = columns.flatMap((column, index) => {
    const rule = keys.indexOf(keys[index] ?? "") < index ? "the column is there twice" : knownColumn(column);
    return rule === undefined
      ? []
      : [{ line: header.line, field: column, value: "", rule, remedy: "correct the name, or take the column out" }];
  });
  const rows = rest.map(({ cells, line }): Row => {
    const read = fieldsOfCells(columns, cells);
    faults.push(...read.faults.map((fault) => ({ line, ...idIn(read.fields), ...fault })));
    return { line, fields: read.fields };
  });
  return { rows, faults };
}

/** A JSON array of objects, each with a registrationId and the fields of an individual enrollment. */
async function readJsonRows(text: string): Promise<Rows> {
  const remedy = 'write a list: [{ "registrationId": "device-01", … }]';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    // V8 tells the place, in newer versions with a piece of the text, which may be a key: the piece is left out.
    const at = /position (\d+)/.exec(String(error))?.[1];
    return malformed(at === undefined ? 1 : lineAt(text, Number(at)), "this is no JSON", remedy);
  }
  if (!Array.isArray(parsed)) return malformed(1, "the JSON is no list", remedy);
  const lines = elementLines(text);
  return rowsOf(parsed.map((fields: unknown, index) => ({ line: lines[index] ?? 1, fields })));
}

/** One object a line, as the manifest of bulk issuing has it: its certificates are the enrollments'. */
async function readManifestRows(text: string): Promise<Rows> {
  const given = text.split("\n").flatMap((content, index): { line: number; fields: unknown }[] => {
    if (content.trim() === "") return [];
    try {
      return [{ line: index + 1, fields: JSON.parse(content) as unknown }];
    } catch {
      return [{ line: index + 1, fields: undefined }];
    }
  });
  return rowsOf(given.map(({ line, fields }) => ({ line, fields: isRecord(fields) ? ofManifest(fields) : fields })));
}

/** An entry of the manifest names the files of the device; one of them holds its certificate. Others stay as they are. */
function ofManifest(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { registrationId, files, sha256Thumbprint } = entry;
  if (!Array.isArray(files)) return entry;
  // The layout "files" writes the key apart from the chain, "bundle" both into one.
  return { registrationId, certificate: files.find((file) => !/\.key\.pem$/.test(String(file))), sha256Thumbprint };
}

function rowsOf(given: readonly { readonly line: number; readonly fields: unknown }[]): Rows {
  const rows = given.flatMap(({ line, fields }): Row[] => (isRecord(fields) ? [{ line, fields }] : []));
  const faults = given
    .filter(({ fields }) => !isRecord(fields))
    .map(({ line }) => ({ line, field: "", value: "", rule: "this is no object of JSON", remedy: "correct the line" }));
  return { rows, faults };
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split("\n").length;

/** The lines on which the elements of a JSON array begin. The text is right JSON. */
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
