import type { VerifiedTranscript } from "../../operator/transcript/transcriptVerification";

/** What a verified transcript is about. */
export interface TranscriptSummary {
  /** File, or store and session. */
  readonly file: string;
  readonly session: string;
  readonly user: string;
  readonly source: string;
  /** ISO 8601. */
  readonly opened: string;
  /** ISO 8601; of the last entry. */
  readonly closed: string;
  readonly entries: number;
  readonly commands: number;
  readonly refused: number;
  /** Fingerprints. */
  readonly instances: readonly string[];
  readonly clockMovedBack: readonly number[];
}

/** Summarizes a transcript. */
export function transcriptSummary(
  file: string,
  { session, entries, instances, clockMovedBack }: VerifiedTranscript,
): TranscriptSummary {
  const [first, last] = [entries[0], entries.at(-1)];
  const count = (kind: string): number => entries.filter((entry) => entry.kind === kind).length;
  return {
    file,
    session,
    user: String(first?.data.user),
    source: String(first?.data.source),
    opened: first?.time ?? "",
    closed: last?.time ?? "",
    entries: entries.length,
    commands: count("command"),
    refused: count("refused"),
    instances,
    clockMovedBack,
  };
}
