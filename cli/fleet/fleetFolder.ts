import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { LockHeldError, takeLock } from "../../certs/exclusiveLock";
import { writeWhole } from "../wholeFile";
import { type JournalEntry, readJournal } from "./fleetJournal";
import { type FleetReport, reportText } from "./fleetReport";
import type { Shard } from "./shard";

const JOURNAL = "journal.jsonl";

/** The folder of a shard in the folder of its fleet; the whole fleet has no folder of its own. */
export const shardFolder = (folder: string, { index, count }: Shard): string =>
  count === 1 ? folder : join(folder, `shard-${index}-of-${count}`);

/** The path of a journal in a folder. */
export const journalPath = (folder: string): string => join(folder, JOURNAL);

/** The folder of the certificates that a fleet issues. */
export const certificatesFolder = (folder: string): string => join(folder, "certificates");

/** Creates a folder and locks it; returns the function that releases it. Errors: SetupError FLEET_RUNNING. */
export function lockFleetFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return takeLock(join(folder, ".running.lock"), join(folder, ".running"));
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    throw new SetupError(
      "FLEET_RUNNING",
      `Another run writes into ${folder}.`,
      `Process ${cause.holder ?? "unknown"} has its lock.`,
      ["wait until it ends", "name another folder: --out FOLDER"],
      { cause },
    );
  }
}

/** The entries of a journal. Errors: SetupError WRONG_JOURNAL. */
export const readJournalFile = (path: string): readonly JournalEntry[] => readJournal(path, readFileSync(path)).entries;

/** The journals of a fleet: that of the folder itself, and those of its folders. Errors: SetupError NO_JOURNAL, WRONG_JOURNAL. */
export function readJournals(folder: string): readonly (readonly JournalEntry[])[] {
  const folders = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  const paths = [folder, ...folders.map(({ name }) => join(folder, name))].map(journalPath).filter(existsSync);
  if (paths.length === 0) {
    const remedy = "name the folder that was --out of zero-touch fleet, or copy the folders of its shards into one";
    throw new SetupError("NO_JOURNAL", `${folder} has no journal of a fleet.`, `No ${JOURNAL} is in it.`, remedy);
  }
  return paths.map(readJournalFile);
}

/** Writes a report as JSON and as text; returns the text. */
export function writeReport(folder: string, report: FleetReport): string {
  const text = reportText(report);
  writeWhole(join(folder, "report.json"), `${JSON.stringify(report, undefined, 2)}\n`, 0o644);
  writeWhole(join(folder, "report.txt"), text, 0o644);
  return text;
}
