import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { type CsvError, parse } from "csv-parse";
import { CertsError } from "../errors";
import { decodeText } from "../textEncoding";

/** One record of a CSV file. */
export interface CsvRecord {
  readonly cells: readonly string[];
  /** The line that it begins on, counted from 1. */
  readonly line: number;
}

const PROBLEMS: Readonly<Record<string, string>> = Object.freeze({
  CSV_QUOTE_NOT_CLOSED: "a quoted cell that does not end, begun",
  CSV_INVALID_CLOSING_QUOTE: "text after a quoted cell",
  INVALID_OPENING_QUOTE: "a quote inside an unquoted cell",
});

const lineBreaks = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

/** What separates the cells, by the first line: a comma, or what spreadsheets write where the comma is a decimal point. */
function separatorOf(start: string): string {
  const [line = ""] = start.replace(/"[^"]*"?/g, "").split(/[\r\n]/, 1);
  const counts = [",", ";", "\t"].map((separator) => ({ separator, count: line.split(separator).length }));
  return counts.reduce((most, each) => (each.count > most.count ? each : most)).separator;
}

/**
 * The records of CSV text (RFC 4180: quoted cells may hold separators, quotes and line breaks; any line end), one after
 * another. Cells are separated by commas, semicolons or tabs, as the first line has it; empty lines are left out. Throws
 * `malformed` with the line for a quote that does not end or is inside an unquoted cell.
 */
export async function* parseCsv(chunks: Iterable<string> | AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  const rest = Readable.from(chunks)[Symbol.asyncIterator]();
  let start = "";
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    start += next.value as string;
    if (/[\r\n]/.test(next.value as string)) break;
  }
  async function* whole(): AsyncGenerator<string> {
    yield start;
    yield* rest;
  }
  const parser = parse({
    bom: true,
    delimiter: separatorOf(start),
    raw: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    skip_empty_lines: true,
  });
  let line = 1;
  // The raw text of a record begins with the empty lines before it.
  const begin = (raw: string): number => line + lineBreaks(/^[\r\n]*/.exec(raw)?.[0] ?? "");
  try {
    for await (const each of pipeline(Readable.from(whole()), parser, () => {})) {
      const { record, raw } = each as { record: string[]; raw: string };
      yield { cells: record, line: begin(raw) };
      line += lineBreaks(raw);
    }
  } catch (error) {
    const problem = PROBLEMS[(error as CsvError).code ?? ""];
    if (problem === undefined) throw error;
    line = begin(String((error as CsvError).raw));
    throw new CertsError("malformed", `The CSV has ${problem} in line ${line}`, { data: { line } });
  }
}

/** The records of a CSV file in UTF-8 or UTF-16, without holding it in memory. Throws as {@link parseCsv}, and `keyFile`. */
export async function* readCsv(path: string): AsyncGenerator<CsvRecord> {
  try {
    yield* parseCsv(decodeText(createReadStream(path) as AsyncIterable<Buffer>));
  } catch (cause) {
    if (cause instanceof CertsError) {
      throw new CertsError(cause.code, `${path}: ${cause.message}`, { data: { ...cause.data, path }, cause });
    }
    throw new CertsError("keyFile", `The file ${path} cannot be read`, { data: { path }, cause });
  }
}
