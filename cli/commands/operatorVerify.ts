import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { legible, legibleJson } from "../../operator/console/outputText";
import { OperatorError } from "../../operator/operatorError";
import { fingerprintOfFile } from "../../operator/transcript/instanceKey";
import { type VerifiedTranscript, verifyTranscript } from "../../operator/transcript/transcriptVerification";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";

/** Where the command writes. */
interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * `zero-touch operator verify FILE…`: exit code 0 where each transcript is whole and unaltered, and known instances have
 * recorded it; otherwise 1. Errors: SetupError NO_INSTANCE_KEY, WRONG_KEY_FILE, NO_FILE.
 */
export async function operatorVerify(paths: Paths, args: Arguments, output: Output = process): Promise<number> {
  const trusted = trustedFingerprints(args, join(paths.local, "operator"));
  const areVerified = args.operands.map((file) => isVerified(file, trusted, { output, asJson: args.has("json") }));
  return areVerified.every(Boolean) ? 0 : 1;
}

function isVerified(
  file: string,
  trusted: ReadonlySet<string>,
  { output, asJson }: { readonly output: Output; readonly asJson: boolean },
): boolean {
  try {
    const summary = transcriptSummary(verifyTranscript(readFile(file), { trusted, mustBeSealed: true }));
    output.stdout.write(asJson ? `${legibleJson({ file, ...summary })}\n` : legible(transcriptText(file, summary)));
    return true;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const { code, message } = error;
    if (asJson) output.stdout.write(`${legibleJson({ file, error: code, message })}\n`);
    else output.stderr.write(`${file}: ${legible(error.describe())}\n`);
    return false;
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

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new SetupError("NO_FILE", `${file} cannot be read.`, `${(cause as Error).message}.`, "give another FILE");
  }
}
