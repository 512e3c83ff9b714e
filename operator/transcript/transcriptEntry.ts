/** Kinds of entries of a transcript, in the order in which a session has them. */
export type EntryKind =
  | "opened" // who, from where, by which credential; the key that signs the entries
  | "command" // a line that will run: its command and parameters, secure strings as ***
  | "refused" // a line that does not run, and the error
  | "output" // what is shown, or the error of a command
  | "unlocked"
  | "locked"
  | "takenOver" // another instance goes on, with a key of its own
  | "closed"; // the last entry

/** Writes a session's entries, one after the other. */
export interface TranscriptRecorder {
  /**
   * Appends an entry, durable when this resolves. After a failure nothing more is recorded, and the session ends.
   * Errors: OperatorError TranscriptUnavailable.
   */
  record(kind: EntryKind, data: Readonly<Record<string, unknown>>): Promise<void>;
}
