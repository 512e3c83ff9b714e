import { CertsError } from "../errors";
import { isRegistrationId, REGISTRATION_ID_RULE, registrationKey } from "../registrationId";
import { type CsvRecord, readCsv } from "./csv";

/** Numbered registration IDs. */
export interface Numbering {
  /** What stands before the number; default `device-`. */
  readonly prefix?: string;
  /** How many; a whole number from 1. */
  readonly count: number;
  /** The first number; default 1. */
  readonly start?: number;
  /** Digits, filled with zeros; default 6. More where a number needs more, so that a larger count keeps the names. */
  readonly digits?: number;
}

/** The registration IDs of a numbering: `device-000001`, `device-000002` … */
export function* numberedIds(numbering: Numbering): Generator<string> {
  const { prefix = "device-", count, start = 1, digits = 6 } = numbering;
  for (let number = start; number < start + count; number += 1) {
    yield `${prefix}${String(number).padStart(digits, "0")}`;
  }
}

/** The most errors that a message lists. */
const SHOWN = 20;

/** The column's name in a CSV's first line; without it the IDs are the first column, from the first line on. */
const HEADER = "registrationid";

async function* idCells(records: AsyncIterable<CsvRecord>): AsyncGenerator<{ registrationId: string; line: number }> {
  let column: number | undefined;
  for await (const { cells, line } of records) {
    if (column === undefined) {
      const header = cells.findIndex((cell) => cell.trim().toLowerCase() === HEADER);
      column = Math.max(header, 0);
      if (header >= 0) continue;
    }
    yield { registrationId: (cells[column] ?? "").trim(), line };
  }
}

/** The registration IDs of a CSV file, read as they are needed: a column `registrationId`, or else the first. */
export async function* csvIds(path: string): AsyncGenerator<string> {
  for await (const { registrationId } of idCells(readCsv(path))) yield registrationId;
}

/**
 * Reads a CSV file once through and gives how many registration IDs it has. Throws `badRegistrationId` with every error
 * and its line (the first {@link SHOWN} of many): IDs against the rule, and IDs that are there twice.
 */
export async function checkCsvIds(path: string): Promise<number> {
  const lines = new Map<string, number>();
  const errors: string[] = [];
  let [count, found] = [0, 0];
  const note = (line: number, what: string): void => {
    found += 1;
    if (found <= SHOWN) errors.push(`line ${line}: ${what}`);
  };
  for await (const { registrationId, line } of idCells(readCsv(path))) {
    count += 1;
    const key = registrationKey(registrationId);
    const before = lines.get(key);
    if (!isRegistrationId(registrationId)) note(line, `'${registrationId}' is not ${REGISTRATION_ID_RULE.rule}`);
    else if (before !== undefined) note(line, `'${registrationId}' is in line ${before} already`);
    else lines.set(key, line);
  }
  if (count === 0) throw new CertsError("badRegistrationId", `${path} holds no registration ID`, { data: { path } });
  if (found === 0) return count;
  if (found > SHOWN) errors.push(`and ${found - SHOWN} more`);
  throw new CertsError("badRegistrationId", `${path} has ${found} errors:\n  ${errors.join("\n  ")}`, {
    data: { path, errors: found },
  });
}
