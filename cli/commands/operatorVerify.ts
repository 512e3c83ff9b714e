import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { legibleJson } from "../../operator/console/outputText";
import { OperatorError } from "../../operator/operatorError";
import { type FoundTranscript, verifyIndex } from "../../operator/transcript/indexVerification";
import { fingerprintOfFile } from "../../operator/transcript/instanceKey";
import {
  type VerificationOptions,
  type VerifiedTranscript,
  verifyTranscript,
} from "../../operator/transcript/transcriptVerification";
import type { Paths } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { readFile, readOperand, type StoredIndex } from "../operator/transcriptSources";
import { type TranscriptSummary, transcriptSummary } from "../operator/transcriptSummary";
import {
  type FailedTranscript,
  isWholeIndex,
  type Output,
  showFailures,
  showIndex,
  showTranscripts,
} from "../operator/verifyReport";

/**
 * `zero-touch operator verify FILE|FOLDER|STORE…`: exit code 0 where each transcript is whole and unaltered, and known instances
 * have recorded it, and where no transcript of a store's index is missing; otherwise 1. Errors: SetupError NO_INSTANCE_KEY,
 * WRONG_KEY_FILE, NO_FILE, OPERATOR_ENDPOINT.
 */
export async function operatorVerify(paths: Paths, args: Arguments, output: Output = process): Promise<number> {
  const trusted = trustedFingerprints(args, join(paths.local, "operator"));
  const found: FoundTranscript[] = [];
  const summaries: TranscriptSummary[] = [];
  const failures: (FailedTranscript & JsonFailure)[] = [];
  const unverified = new Set<string>();
  const stores: StoredIndex[] = [];
  for (const operand of args.operands) {
    const { transcripts, index } = await readOperand(operand);
    for (const { name, bytes, mustBeSealed, session } of transcripts) {
      const verified = verification(bytes, { trusted, mustBeSealed });
      if (verified instanceof OperatorError) {
        const { code, message } = verified;
        failures.push({ file: name, error: code, message, description: verified.describe() });
        if (session !== undefined) unverified.add(session);
      } else {
        summaries.push(transcriptSummary(name, verified));
        found.push({ session: verified.session, firstHash: verified.entries[0]?.hash ?? "" });
      }
    }
    if (index !== undefined) stores.push(index);
  }
  // When all operands are read, because transcripts of a store may be in files.
  const indexes = stores.map(({ store, entries, remembered }) => ({
    store,
    result: verifyIndex(entries, found, { trusted, remembered, unverified }),
  }));
  if (args.has("json")) {
    const failed = failures.map(({ file, error, message }) => ({ file, error, message }));
    const whole = indexes.map(({ store, result }) => ({ store, isWhole: isWholeIndex(result), ...result }));
    for (const each of [...summaries, ...failed, ...whole]) output.stdout.write(`${legibleJson(each)}\n`);
  } else {
    const shown = { output, listsAll: args.has("all") };
    if (summaries.length > 0) showTranscripts(summaries, shown);
    showFailures(failures, shown);
    for (const { store, result } of indexes) showIndex(store, result, shown);
  }
  return failures.length === 0 && indexes.every(({ result }) => isWholeIndex(result)) ? 0 : 1;
}

/** A transcript that does not verify, in JSON. */
interface JsonFailure {
  readonly file: string;
  readonly error: string;
  readonly message: string;
}

/** The verified transcript, or why it does not verify. */
function verification(bytes: Buffer, options: VerificationOptions): VerifiedTranscript | OperatorError {
  try {
    return verifyTranscript(bytes, options);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
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
