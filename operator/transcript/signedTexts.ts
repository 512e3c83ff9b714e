import type { SessionKey, TranscriptEntry, TranscriptHead } from "./transcriptEntry";

/** The lines that a session's key signs of an entry. */
export function entryText(session: string, { hash }: Pick<TranscriptEntry, "hash">): readonly string[] {
  return ["zero-touch transcript entry", session, hash];
}

/** The lines that an instance signs of a session's key, for one place in one transcript. */
export function endorsementText(
  { session, instance, key }: Omit<SessionKey, "endorsement">,
  { sequence, previous }: Pick<TranscriptEntry, "sequence" | "previous">,
): readonly (string | number)[] {
  return ["zero-touch session key", session, instance, key, sequence, previous];
}

/** The lines that an instance signs of a transcript's end. */
export function headText({ session, sequence, hash, instance }: TranscriptHead["head"]): readonly (string | number)[] {
  return ["zero-touch transcript head", session, sequence, hash, instance];
}
