/** Kinds of entries of a transcript, in the order in which a session has them. */
export type EntryKind =
  | "opened" // who, from where, by which credential; the key that signs the entries
  | "command" // a line that will run: its command and parameters, secure strings as ***
  | "refused" // a line that does not run, and the error
  | "output" // what is shown: lines of `progress`, then the output or the error of a command
  | "unlocked"
  | "locked"
  | "takenOver" // another instance goes on, with a key of its own
  | "closed"; // the last entry

/** The data of an entry: JSON. */
export type EntryData = Readonly<Record<string, unknown>>;

/** An entry of a transcript. */
export interface TranscriptEntry {
  /** From 1. */
  readonly sequence: number;
  /** ISO 8601, by the clock of the instance. */
  readonly time: string;
  readonly kind: EntryKind;
  readonly data: EntryData;
  /** Hash of the entry before; of the first one, zeros. */
  readonly previous: string;
  /** SHA-256 of the members above, hexadecimal. */
  readonly hash: string;
  /** Signature of the session's key on session and hash, base64. */
  readonly signature: string;
}

/** What `opened` and `takenOver` carry, so that entries lead to an instance whose key is known. */
export interface SessionKey {
  readonly session: string;
  /** Name of the instance. */
  readonly instance: string;
  /** The instance's public key, in OpenSSH's format. */
  readonly instanceKey: string;
  /** The public key that signs this entry and those after it, in OpenSSH's format. */
  readonly key: string;
  /** Signature of the instance on the session's key, base64. */
  readonly endorsement: string;
}

/** The last line of a sealed transcript: without it, a removed end would not be found. */
export interface TranscriptHead {
  readonly head: {
    readonly session: string;
    /** Number of entries. */
    readonly sequence: number;
    /** Hash of the last entry. */
    readonly hash: string;
    readonly instance: string;
    readonly instanceKey: string;
  };
  /** Signature of the instance on the head, base64. */
  readonly signature: string;
}

/** Writes a session's entries, one after the other. */
export interface TranscriptRecorder {
  /**
   * Appends an entry, durable when this resolves. After a failure nothing more is recorded, and the session ends.
   * Errors: OperatorError TranscriptUnavailable.
   */
  record(kind: EntryKind, data: EntryData): Promise<void>;
}
