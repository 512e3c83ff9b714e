import { legible, legibleJson } from "../../operator/console/outputText";
import type { IndexVerification } from "../../operator/transcript/indexVerification";

/** Where a command writes. */
export interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** How results are shown. */
export interface Shown {
  readonly output: Output;
  readonly asJson: boolean;
}

/** Shows what the index of a store says; returns whether no transcript is missing and the index is whole. */
export function showIndex(store: string, result: IndexVerification, { output, asJson }: Shown): boolean {
  const { errors, missing, uploaded, unlisted } = result;
  const isWhole = errors.length + missing.length === 0;
  if (asJson) {
    output.stdout.write(`${legibleJson({ store, isWhole, ...result })}\n`);
    return isWhole;
  }
  const wrong = [
    ...errors.map((error) => `TranscriptAltered: ${error}`),
    ...missing.map(
      ({ session, opened }) =>
        `TranscriptMissing: session ${session}, opened at ${opened}, has no transcript in the store and none was uploaded.`,
    ),
  ];
  for (const line of wrong) output.stderr.write(legible(`${store}: ${line}\n`));
  const notes = [
    ...(isWhole ? ["No transcript is missing from the index."] : []),
    ...uploaded.map(({ session, file, sha256 }) => `Session ${session} is at ${file}, SHA-256 ${sha256}.`),
    ...unlisted.map(
      (session) => `Session ${session} is not in the index: it is of an earlier version, or ended while it opened.`,
    ),
  ];
  output.stdout.write(legible(`${store}:\n${notes.map((note) => `  ${note}\n`).join("")}`));
  return isWhole;
}
