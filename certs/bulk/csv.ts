import { createReadStream } from "node:fs";
import { CertsError } from "../errors";

/** One record of a CSV file. */
export interface CsvRecord {
  readonly cells: readonly string[];
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/**
 * The records of CSV text (RFC 4180: quoted cells may hold commas, quotes and line breaks; either line end), one after
 * another. Empty lines are passed over, a byte-order mark is dropped. Throws `malformed` with the line for a quote that
 * does not end or stands inside an unquoted cell.
 */
export async function* parseCsv(chunks: Iterable<string> | AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let cells: string[] = [];
  let cell = "";
  let [line, begin] = [1, 1];
  // "closed": a quoted cell has met a quote, which ends it or is the first half of a doubled one.
  let state: "start" | "plain" | "quoted" | "closed" = "start";
  let afterReturn = false;
  let first = true;
  const endCell = (): void => {
    cells.push(cell);
    cell = "";
    state = "start";
  };
  const refuse = (what: string, at: number): never => {
    throw new CertsError("malformed", `The CSV has ${what} in line ${at}`, { data: { line: at } });
  };
  for await (const chunk of chunks) {
    for (const character of first ? chunk.replace(/^\uFEFF/, "") : chunk) {
      // CR LF is one line end, CR alone one too.
      const lineEnd = character === "\r" || (character === "\n" && !afterReturn);
      if (lineEnd) line += 1;
      const secondHalf = character === "\n" && afterReturn;
      afterReturn = character === "\r";
      if (state === "quoted") {
        if (character === '"') state = "closed";
        else cell += character;
      } else if (secondHalf) begin = line;
      else if (character === '"' && state === "start") state = "quoted";
      else if (character === '"' && state === "closed") {
        cell += character;
        state = "quoted";
      } else if (character === ",") endCell();
      else if (lineEnd) {
        const empty = cells.length === 0 && cell === "" && state === "start";
        endCell();
        if (!empty) yield { cells, line: begin };
        cells = [];
        begin = line;
      } else if (character === '"') refuse("a quote inside an unquoted cell", line);
      else if (state === "closed") refuse("text after a quoted cell", line);
      else {
        cell += character;
        state = "plain";
      }
    }
    if (chunk !== "") first = false;
  }
  if (state === "quoted") refuse("a quoted cell that does not end, begun", begin);
  if (cells.length > 0 || cell !== "" || state === "closed") {
    endCell();
    yield { cells, line: begin };
  }
}

/** The records of a CSV file in UTF-8, without holding it in memory. Throws as {@link parseCsv}, and `keyFile`. */
export async function* readCsv(path: string): AsyncGenerator<CsvRecord> {
  try {
    yield* parseCsv(createReadStream(path, { encoding: "utf8" }) as AsyncIterable<string>);
  } catch (cause) {
    if (cause instanceof CertsError) throw cause;
    throw new CertsError("keyFile", `The file ${path} cannot be read`, { data: { path }, cause });
  }
}
