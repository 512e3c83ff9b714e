import { CertsError } from "../errors";
import { isRegistrationId, REGISTRATION_ID_RULE, registrationKey } from "../registrationId";
import { type CsvRecord, readCsv } from "./csv";

/** A series of numbered registration IDs. */
export interface Numbering {
  /** Text before the number; default `device-`. */
  readonly prefix?: string;
  /** The number of IDs, at least 1. */
  readonly count: number;
  /** The first number; default 1. */
  readonly start?: number;
  /** Minimum number of digits, padded with zeros; default 6. Larger numbers get more, so that existing names stay. */
  readonly digits?: number;
}

/** The registration IDs of a series: `device-000001`, `device-000002` … */
export function* numberedIds(numbering: Numbering): Generator<string> {
  const { prefix = "device-", count, start = 1, digits = 6 } = numbering;
  for (let number = start; number < start + count; number += 1) {
    yield `${prefix}${String(number).padStart(digits, "0")}`;
  }
}

/** The maximum number of errors that a message lists. */
const SHOWN = 20;

/** The column's name in the header line, in lower case. Without a header, the IDs are in the first column. */
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

/** Reads the registration IDs of a CSV file as needed: from the column `registrationId`, or else from the first column. */
export async function* csvIds(path: string): AsyncGenerator<string> {
  for await (const { registrationId } of idCells(readCsv(path))) yield registrationId;
}

/**
 * Reads a whole CSV file and returns the number of its registration IDs. Throws `badRegistrationId` with all invalid and
 * duplicate IDs and their lines; the message lists the first {@link SHOWN}.
 */
export async function checkCsvIds(path: string): Promise<number> {
  const lines = new Map<string, number>();
  const errors: string[] = [];
  let [count, found] = [0, 0];
  const add = (line: number, problem: string): void => {
    found += 1;
    if (found <= SHOWN) errors.push(`line ${line}: ${problem}`);
  };
  for await (const { registrationId, line } of idCells(readCsv(path))) {
    count += 1;
    const key = registrationKey(registrationId);
    const before = lines.get(key);
    if (!isRegistrationId(registrationId)) add(line, `'${registrationId}' is not ${REGISTRATION_ID_RULE.rule}`);
    else if (before !== undefined) add(line, `'${registrationId}' is already in line ${before}`);
    else lines.set(key, line);
  }
  if (count === 0) throw new CertsError("badRegistrationId", `${path} contains no registration ID`, { data: { path } });
  if (found === 0) return count;
  if (found > SHOWN) errors.push(`and ${found - SHOWN} more`);
  throw new CertsError("badRegistrationId", `${path} has ${found} errors:\n  ${errors.join("\n  ")}`, {
    data: { path, errors: found },
  });
}
