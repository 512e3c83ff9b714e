import { fingerprintOf } from "./ed25519";
import { type IndexEntry, indexHash, isNextEntry } from "./indexEntry";
import type { RememberedEntry } from "./indexMemory";
import { NO_HASH } from "./transcriptLine";

/** A transcript that is there: in the store, or in a file. */
export interface FoundTranscript {
  readonly session: string;
  /** Hash of its first entry. */
  readonly firstHash: string;
}

/** What the index says of the transcripts that were found. */
export interface IndexVerification {
  /** What is wrong with the index itself; empty where it is whole. */
  readonly errors: readonly string[];
  /** Fingerprints of the instances that have signed entries of the index and are not known. */
  readonly unknownInstances: readonly string[];
  /** Sessions with a transcript that is neither found nor uploaded, and when they opened, ISO 8601. */
  readonly missing: readonly { readonly session: string; readonly opened: string }[];
  /** Uploaded transcripts that were not found: URL and SHA-256 of their files. */
  readonly uploaded: readonly { readonly session: string; readonly file: string; readonly sha256: string }[];
  /** Sessions that were found and are not in the index: of an earlier version, or their instance died while they opened. */
  readonly unlisted: readonly string[];
}

function errorsOf(entries: readonly IndexEntry[], remembered: readonly RememberedEntry[]): string[] {
  const errors: string[] = [];
  for (const [at, entry] of entries.entries()) {
    if (!isNextEntry(entry, entries[at - 1], NO_HASH))
      errors.push(`Entry ${entry.sequence} of the index does not follow the one before it.`);
  }
  const hashes = new Map(entries.map((entry) => [entry.sequence, indexHash(entry)]));
  const lost = remembered.filter(({ sequence, hash }) => hashes.get(sequence) !== hash);
  if (lost.length > 0) {
    const last = Math.max(...lost.map(({ sequence }) => sequence));
    errors.push(
      `The index has ${entries.length} entries, and an instance has written entry ${last}: its end is missing.`,
    );
  }
  return errors;
}

/** What an index is compared with. */
export interface IndexOptions {
  /** Fingerprints of instances that are known. */
  readonly trusted: ReadonlySet<string>;
  /** Ends of the index, as instances remember them. */
  readonly remembered: readonly RememberedEntry[];
  /** Sessions with a transcript in the store that does not verify, which is not missing. Default: none. */
  readonly unverified?: ReadonlySet<string>;
}

/** Compares the index with the transcripts that were found. */
export function verifyIndex(
  entries: readonly IndexEntry[],
  found: readonly FoundTranscript[],
  { trusted, remembered, unverified = new Set() }: IndexOptions,
): IndexVerification {
  const signers = new Set(entries.map(({ instanceKey }) => fingerprintOf(instanceKey)));
  const there = new Map(found.map(({ session, firstHash }) => [session, firstHash]));
  const opened = entries.filter(({ kind }) => kind === "opened");
  const uploads = new Map(entries.filter(({ kind }) => kind === "uploaded").map((entry) => [entry.session, entry]));
  const absent = opened.filter(({ session, hash }) => there.get(session) !== hash);
  return {
    errors: errorsOf(entries, remembered),
    unknownInstances: [...signers].filter((each) => !trusted.has(each)),
    missing: absent
      .filter(({ session }) => !uploads.has(session) && !unverified.has(session))
      .map(({ session, time }) => ({ session, opened: time })),
    uploaded: absent.flatMap(({ session }) => {
      const upload = uploads.get(session);
      return upload ? [{ session, file: upload.file ?? "", sha256: upload.hash }] : [];
    }),
    unlisted: found.map(({ session }) => session).filter((session) => opened.every((each) => each.session !== session)),
  };
}
