import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { legible, legibleJson } from "../../operator/console/outputText";
import { OperatorError } from "../../operator/operatorError";
import { type FoundTranscript, verifyIndex } from "../../operator/transcript/indexVerification";
import { fingerprintOfFile } from "../../operator/transcript/instanceKey";
import { type VerifiedTranscript, verifyTranscript } from "../../operator/transcript/transcriptVerification";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { type Output, type Shown, showIndex } from "../operator/indexReport";
import { readFile, readOperand, type StoredIndex, type TranscriptSource } from "../operator/transcriptSources";

/**
 * `zero-touch operator verify FILE|FOLDER|STORE…`: exit code 0 where each transcript is whole and unaltered, and known instances
 * have recorded it, and where no transcript of a store's index is missing; otherwise 1. Errors: SetupError NO_INSTANCE_KEY,
 * WRONG_KEY_FILE, NO_FILE, OPERATOR_ENDPOINT.
 */
export async function operatorVerify(paths: Paths, args: Arguments, output: Output = process): Promise<number> {
  const trusted = trustedFingerprints(args, join(paths.local, "operator"));
  const shown = { output, asJson: args.has("json") };
  const found: FoundTranscript[] = [];
  let isWhole = true;
  const stores: StoredIndex[] = [];
  for (const operand of args.operands) {
    const { transcripts, index } = await readOperand(operand);
    for (const transcript of transcripts) {
      const verified = verifiedTranscript(transcript, trusted, shown);
      if (verified === undefined) isWhole = false;
      else found.push({ session: verified.session, firstHash: verified.entries[0]?.hash ?? "" });
    }
    if (index !== undefined) stores.push(index);
  }
  // When all operands are read, because transcripts of a store may be in files.
  for (const { store, entries, remembered } of stores) {
    if (!showIndex(store, verifyIndex(entries, found, { trusted, remembered }), shown)) isWhole = false;
  }
  return isWhole ? 0 : 1;
}

/** Verifies a transcript and shows the result; undefined where it is not as recorded. */
function verifiedTranscript(
  { name, bytes, mustBeSealed }: TranscriptSource,
  trusted: ReadonlySet<string>,
  { output, asJson }: Shown,
): VerifiedTranscript | undefined {
  try {
    const verified = verifyTranscript(bytes, { trusted, mustBeSealed });
    const summary = transcriptSummary(verified);
    output.stdout.write(
      asJson ? `${legibleJson({ file: name, ...summary })}\n` : legible(transcriptText(name, summary)),
    );
    return verified;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const { code, message } = error;
    if (asJson) output.stdout.write(`${legibleJson({ file: name, error: code, message })}\n`);
    else output.stderr.write(`${name}: ${legible(error.describe())}\n`);
    return undefined;
  }
}

/** What a verified transcript is about. */
interface TranscriptSummary {
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

function transcriptSummary({ session, entries, instances, clockMovedBack }: VerifiedTranscript): TranscriptSummary {
  const [first, last] = [entries[0], entries.at(-1)];
  const count = (kind: string): number => entries.filter((entry) => entry.kind === kind).length;
  return {
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

function transcriptText(file: string, summary: TranscriptSummary): string {
  const { session, user, source, opened, closed, entries, commands, refused, instances, clockMovedBack } = summary;
  const moved = clockMovedBack.length === 0 ? "" : `The clock moved back before entry ${clockMovedBack.join(", ")}.\n`;
  return `${file} is whole and unaltered: ${entries} entries, ${commands} commands, ${refused} refused lines.
Session ${session} of ${user} from ${source}, ${opened} to ${closed}.
Recorded by ${instances.join(", ")}.
${moved}`;
}

/** Instances whose transcripts are accepted: those of --key and --fingerprint, or else those of this checkout. */
function trustedFingerprints(args: Arguments, folder: string): ReadonlySet<string> {
  const keyFile = args.text("key");
  const given = args.text("fingerprint")?.split(",") ?? [];
  if (keyFile !== undefined || given.length > 0) {
    return new Set([...given.map((each) => each.trim()), ...(keyFile === undefined ? [] : fingerprintsIn(keyFile))]);
  }
  const instances = existsSync(folder) ? readdirSync(folder) : [];
  const own = instances.map((name) => join(folder, name, "instance.pub")).filter((each) => existsSync(each));
  if (own.length > 0) return new Set(own.flatMap(fingerprintsIn));
  throw new SetupError(
    "NO_INSTANCE_KEY",
    "No instance is known whose signature is to be accepted.",
    "This checkout has no operator endpoint, and without a known key anyone could have signed the transcript.",
    ["zero-touch operator verify FILE --key instance.pub", "zero-touch operator verify FILE --fingerprint SHA256:…"],
  );
}

/** Fingerprints of the public keys in a file: PEM, or lines in OpenSSH's format. */
function fingerprintsIn(file: string): string[] {
  const text = readFile(file).toString("utf8").trim();
  const keys = text.startsWith("-----") ? [text] : text.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
  try {
    return keys.map(fingerprintOfFile);
  } catch {
    const why = "A key is an Ed25519 public key in OpenSSH's format (instance.pub) or PEM.";
    throw new SetupError("WRONG_KEY_FILE", `${file} has no public key of an instance.`, why, "give --key instance.pub");
  }
}
