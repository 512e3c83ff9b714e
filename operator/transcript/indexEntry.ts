import { createHash } from "node:crypto";
import { isSignedBy } from "./ed25519";

/** What an entry of the index says. */
export interface IndexContent {
  /** From 1. */
  readonly sequence: number;
  /** ISO 8601, by the clock of the instance. */
  readonly time: string;
  /** `opened`: a session has a transcript in the store. `uploaded`: it is at `file`, and no longer in the store. */
  readonly kind: "opened" | "uploaded";
  readonly session: string;
  /** `opened`: the hash of the transcript's first entry. `uploaded`: the SHA-256 of the file. Hexadecimal. */
  readonly hash: string;
  /** URL of the uploaded file. */
  readonly file?: string;
  readonly instance: string;
  /** The instance's public key, in OpenSSH's format. */
  readonly instanceKey: string;
  /** {@link indexHash} of the entry before; of the first one, zeros. */
  readonly previous: string;
}

/** An entry of the index of all transcripts, and the signature of its instance, base64. */
export interface IndexEntry extends IndexContent {
  readonly signature: string;
}

/** The content in one order of members, as lines that an instance signs. */
export const indexText = (content: IndexContent): readonly string[] => {
  const { sequence, time, kind, session, hash, file, instance, instanceKey, previous } = content;
  return [
    "zero-touch transcript index",
    JSON.stringify([sequence, time, kind, session, hash, file ?? null, instance, instanceKey, previous]),
  ];
};

/** SHA-256 of an entry, with its signature; hexadecimal. */
export const indexHash = (entry: IndexEntry): string =>
  createHash("sha256")
    .update([...indexText(entry), entry.signature].join("\n"))
    .digest("hex");

/** Whether an entry follows another one (undefined: is the first), and its instance has signed it. */
export const isNextEntry = (entry: IndexEntry, previous: IndexEntry | undefined, noHash: string): boolean =>
  entry.sequence === (previous?.sequence ?? 0) + 1 &&
  entry.previous === (previous ? indexHash(previous) : noHash) &&
  isSignedBy(entry.instanceKey, indexText(entry), entry.signature);
