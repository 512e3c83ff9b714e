import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { OperatorError } from "../../operator/operatorError";
import { openStore } from "../../operator/store/openStore";
import type { IndexEntry } from "../../operator/transcript/indexEntry";
import { type RememberedEntry, readIndexMemory } from "../../operator/transcript/indexMemory";
import { readIndex } from "../../operator/transcript/transcriptIndex";

/** A transcript to verify. */
export interface TranscriptSource {
  /** File, or store and session. */
  readonly name: string;
  readonly bytes: Buffer;
  /** A file is: it has its last line from an upload. A transcript in a store is not. */
  readonly mustBeSealed: boolean;
  /** Of a transcript in a store. */
  readonly session?: string;
}

/** The index of a store. */
export interface StoredIndex {
  readonly store: string;
  readonly entries: readonly IndexEntry[];
  /** Its ends, as the instances beside a SQLite store remember them. */
  readonly remembered: readonly RememberedEntry[];
}

/** What an operand of `operator verify` has. */
export interface VerifyOperand {
  readonly transcripts: readonly TranscriptSource[];
  /** Undefined for files. */
  readonly index?: StoredIndex;
}

/** Reads a transcript, a folder of them, or a store: a SQLite file or the URL of a blob container. Errors: SetupError. */
export async function readOperand(operand: string): Promise<VerifyOperand> {
  if (/^https?:/i.test(operand) || isSqlite(operand)) return readStore(operand);
  const isFolder = statSync(operand, { throwIfNoEntry: false })?.isDirectory() === true;
  const files = isFolder ? jsonLines(operand) : [operand];
  return { transcripts: files.map((file) => ({ name: file, bytes: readFile(file), mustBeSealed: true })) };
}

/** The transcripts of a folder. Errors: SetupError NO_FILE where it has none. */
function jsonLines(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  if (files.length > 0) return files.sort().map((name) => join(folder, name));
  throw new SetupError(
    "NO_FILE",
    `${folder} has no transcript.`,
    "Transcripts are files *.jsonl.",
    "give another folder",
  );
}

const SQLITE = "SQLite format 3\0";

function isSqlite(file: string): boolean {
  return (
    statSync(file, { throwIfNoEntry: false })?.isFile() === true && readFile(file).toString("latin1", 0, 16) === SQLITE
  );
}

async function readStore(address: string): Promise<VerifyOperand> {
  try {
    const store = openStore(address);
    try {
      const transcripts: TranscriptSource[] = [];
      for (const log of await store.listLogs("transcripts/")) {
        const bytes = (await store.readLog(log)) ?? Buffer.alloc(0);
        // Its instance writes the first entry just now, or has died before.
        if (bytes.length === 0) continue;
        const session = log.slice("transcripts/".length);
        transcripts.push({ name: `${shownAddress(address)} ${log}`, bytes, mustBeSealed: false, session });
      }
      const entries = await readIndex(store);
      return { transcripts, index: { store: shownAddress(address), entries, remembered: rememberedBeside(address) } };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    throw new SetupError("OPERATOR_ENDPOINT", error.message, `${error.code}.`, error.remedy ?? [], { cause: error });
  }
}

/** An address without a shared access signature. */
const shownAddress = (address: string): string => address.replace(/\?.*$/, "");

/** What the instances remember whose state folders are beside a SQLite store. */
function rememberedBeside(address: string): RememberedEntry[] {
  if (!existsSync(address)) return [];
  const folder = dirname(address);
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const remembered = entry.isDirectory() ? readIndexMemory(join(folder, entry.name)) : undefined;
    return remembered === undefined ? [] : [remembered];
  });
}

/** Errors: SetupError NO_FILE. */
export function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new SetupError("NO_FILE", `${file} cannot be read.`, `${(cause as Error).message}.`, "give another FILE");
  }
}
