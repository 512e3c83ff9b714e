import { legible } from "../../operator/console/outputText";
import type { IndexVerification } from "../../operator/transcript/indexVerification";
import { UNKNOWN_INSTANCE_REMEDY } from "../../operator/transcript/transcriptVerification";
import type { TranscriptSummary } from "./transcriptSummary";

/** Where a command writes. */
export interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** How results are shown. */
export interface Shown {
  readonly output: Output;
  /** Lists each of a kind, however many they are. */
  readonly listsAll: boolean;
}

/** So many of a kind are listed; of more there is a summary. */
const LISTED = 5;

/** The lines of a list: all where they are few or are asked for, else one that says how many they are. */
const listed = (lines: readonly string[], summary: string, { listsAll }: Shown): readonly string[] =>
  listsAll || lines.length <= LISTED ? lines : [`${summary} --all lists them.`];

const movedBack = ({ clockMovedBack }: TranscriptSummary): string =>
  clockMovedBack.length === 0 ? "" : `The clock moved back before entry ${clockMovedBack.join(", ")}.\n`;

function transcriptText(summary: TranscriptSummary): string {
  const { file, session, user, source, opened, closed, entries, commands, refused, instances } = summary;
  return `${file} is whole and unaltered: ${entries} entries, ${commands} commands, ${refused} refused lines.
Session ${session} of ${user} from ${source}, ${opened} to ${closed}.
Recorded by ${instances.join(", ")}.
${movedBack(summary)}`;
}

const distinct = (values: readonly string[]): string => [...new Set(values)].sort().join(", ");

function transcriptsText(summaries: readonly TranscriptSummary[]): string {
  const sum = (key: "entries" | "commands" | "refused"): number =>
    summaries.reduce((total, each) => total + each[key], 0);
  const opened = summaries.map((each) => each.opened).sort()[0];
  const closed = summaries
    .map((each) => each.closed)
    .sort()
    .at(-1);
  const moved = summaries.filter(({ clockMovedBack }) => clockMovedBack.length > 0);
  return `${summaries.length} transcripts are whole and unaltered: ${sum("entries")} entries, ${sum("commands")} commands, ${sum("refused")} refused lines.
Sessions of ${distinct(summaries.map(({ user }) => user))}, ${opened} to ${closed}.
Recorded by ${distinct(summaries.flatMap(({ instances }) => instances))}.
${moved.map((each) => `${each.file}: ${movedBack(each)}`).join("")}--all lists each.
`;
}

/** Shows the transcripts that are whole. */
export function showTranscripts(summaries: readonly TranscriptSummary[], { output, listsAll }: Shown): void {
  const isListed = listsAll || summaries.length <= LISTED;
  output.stdout.write(legible(isListed ? summaries.map(transcriptText).join("") : transcriptsText(summaries)));
}

/** A transcript that does not verify, and the error with its remedy. */
export interface FailedTranscript {
  readonly file: string;
  readonly description: string;
}

/** Shows the transcripts that do not verify: those with one error together, because a wrong fingerprint concerns all. */
export function showFailures(failures: readonly FailedTranscript[], shown: Shown): void {
  for (const description of new Set(failures.map((each) => each.description))) {
    const files = failures.filter((each) => each.description === description).map(({ file }) => file);
    const [first = ""] = files;
    const names = listed(files, `${first} and ${files.length - 1} more do not verify.`, shown);
    const isOne = files.length === 1;
    shown.output.stderr.write(legible(isOne ? `${first}: ${description}\n` : `${description}\n${lines(names)}`));
  }
}

const lines = (texts: readonly string[]): string => texts.map((text) => `  ${text}\n`).join("");

/** Whether no transcript is missing, and the index is whole and by known instances. */
export const isWholeIndex = ({ errors, unknownInstances, missing }: IndexVerification): boolean =>
  errors.length + unknownInstances.length + missing.length === 0;

/** Shows what the index of a store says. */
export function showIndex(store: string, result: IndexVerification, shown: Shown): void {
  const { errors, unknownInstances, missing, uploaded, unlisted } = result;
  const wrong = [
    ...errors.map((error) => `TranscriptAltered: ${error}`),
    ...unknownInstances.map(
      (fingerprint) =>
        `InstanceUnknown: The index is signed by an instance with the key ${fingerprint}, which is not known.\nTo fix: ${UNKNOWN_INSTANCE_REMEDY}`,
    ),
    ...missing.map(
      ({ session, opened }) =>
        `TranscriptMissing: session ${session}, opened at ${opened}, has no transcript in the store and none was uploaded.`,
    ),
  ];
  for (const line of wrong) shown.output.stderr.write(legible(`${store}: ${line}\n`));
  const notes = [
    ...(isWholeIndex(result) ? ["No transcript is missing from the index."] : []),
    ...listed(
      uploaded.map(({ session, file, sha256 }) => `Session ${session} is at ${file}, SHA-256 ${sha256}.`),
      `${uploaded.length} sessions were uploaded, and their files were not given.`,
      shown,
    ),
    ...listed(
      unlisted.map(
        (session) => `Session ${session} is not in the index: it is of an earlier version, or ended while it opened.`,
      ),
      `${unlisted.length} sessions are not in the index: they are of an earlier version, or ended while they opened.`,
      shown,
    ),
  ];
  shown.output.stdout.write(legible(`${store}:\n${lines(notes)}`));
}
