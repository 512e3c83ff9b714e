import { createHash } from "node:crypto";
import type { TranscriptEntry, TranscriptHead } from "./transcriptEntry";

/** What an entry's hash is made of. */
export type EntryContent = Omit<TranscriptEntry, "hash" | "signature">;

/** The hash before the first entry. */
export const NO_HASH = "0".repeat(64);

/** SHA-256 of an entry's content, in one order of members; hexadecimal. */
export function entryHash({ sequence, time, kind, data, previous }: EntryContent): string {
  const content = JSON.stringify({ sequence, time, kind, data, previous });
  return createHash("sha256").update(content).digest("hex");
}

/** An entry as a line of a transcript. Of one entry there is one line only. */
export function entryLine({ sequence, time, kind, data, previous, hash, signature }: TranscriptEntry): string {
  return `${JSON.stringify({ sequence, time, kind, data, previous, hash, signature })}\n`;
}

/** A head as the last line of a transcript. */
export function headLine({ head, signature }: TranscriptHead): string {
  const { session, sequence, hash, instance, instanceKey } = head;
  return `${JSON.stringify({ head: { session, sequence, hash, instance, instanceKey }, signature })}\n`;
}

/** The lines of a transcript, each with its line feed; the last one without it where a transcript is cut off. */
export function transcriptLines(bytes: Buffer): string[] {
  return bytes.toString("utf8").match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
