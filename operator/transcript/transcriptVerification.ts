import { OperatorError } from "../operatorError";
import { fingerprintOf, isSignedBy } from "./ed25519";
import { endorsementText, entryText, headText } from "./signedTexts";
import type { SessionKey, TranscriptEntry, TranscriptHead } from "./transcriptEntry";
import { entryHash, entryLine, headLine, NO_HASH, transcriptLines } from "./transcriptLine";

/** What a transcript shows about itself, once every line is verified. */
export interface VerifiedTranscript {
  readonly session: string;
  readonly entries: readonly TranscriptEntry[];
  /** Length of the entries in bytes, without the head. */
  readonly length: number;
  /** Fingerprints of the instances that recorded it. */
  readonly instances: readonly string[];
  /** Whether the last line is a signed head. */
  readonly isSealed: boolean;
  /** Whether the last entry is `closed`. */
  readonly isClosed: boolean;
  /** Sequence numbers of entries whose time is before that of the entry before: a clock has moved back. */
  readonly clockMovedBack: readonly number[];
}

/** How a transcript is verified. */
export interface VerificationOptions {
  /** Fingerprints of instances that are known, `SHA256:…`. */
  readonly trusted: ReadonlySet<string>;
  /** Refuses a transcript without a head, which may have lost its end. */
  readonly mustBeSealed: boolean;
}

/** How to go on where a signature is by an instance that is not known. */
export const UNKNOWN_INSTANCE_REMEDY =
  "compare the fingerprint with instance.pub of your instances or Export-TranscriptKey; where it is one of yours, give it by --fingerprint or --key, otherwise keep the file as evidence: somebody else has written it";

/** Verifies entries from the first to the last, and keeps what the next one depends on. */
class TranscriptVerifier {
  readonly entries: TranscriptEntry[] = [];
  readonly instances = new Set<string>();
  session = "";
  length = 0;
  isSealed = false;
  #key = "";

  constructor(readonly trusted: ReadonlySet<string>) {}

  get last(): TranscriptEntry | undefined {
    return this.entries.at(-1);
  }

  line(text: string): void {
    const wrong = (reason: string): OperatorError => altered(this.entries.length + 1, reason);
    if (this.isSealed) throw wrong("it follows the head, which is the last line");
    const value = parsed(text);
    if (value === undefined) throw wrong("it is no entry");
    if ("head" in value) this.#head(text, value as unknown as TranscriptHead, wrong);
    else this.#entry(text, value as unknown as TranscriptEntry, wrong);
  }

  #entry(text: string, entry: TranscriptEntry, wrong: (reason: string) => OperatorError): void {
    const { last } = this;
    // One entry has one line: another spelling of the same content is a change too.
    if (typeof entry.data !== "object" || entry.data === null || entryLine(entry) !== text)
      throw wrong("it is no entry");
    if (last?.kind === "closed") throw wrong("it follows the entry that closes the session");
    if (entry.sequence !== this.entries.length + 1) throw wrong(`its number is ${entry.sequence}: entries are missing`);
    if (entry.previous !== (last?.hash ?? NO_HASH)) throw wrong("the entry before it is another one");
    if (entry.hash !== entryHash(entry)) throw wrong("its content is changed");
    if ((entry.kind === "opened") !== (last === undefined)) throw wrong(`it is of kind ${entry.kind}`);
    if (entry.kind === "opened" || entry.kind === "takenOver") this.#newKey(entry, wrong);
    if (!isSignedBy(this.#key, entryText(this.session, entry), entry.signature)) throw wrong("its signature is wrong");
    this.entries.push(entry);
    this.length += Buffer.byteLength(text);
  }

  #newKey(entry: TranscriptEntry, wrong: (reason: string) => OperatorError): void {
    const data = entry.data as Partial<SessionKey>;
    const { session = "", instance = "", instanceKey = "", key = "", endorsement = "" } = data;
    if (entry.kind === "opened") this.session = session;
    else if (session !== this.session) throw wrong("it is of another session");
    const unsigned = { session, instance, instanceKey, key };
    if (!isSignedBy(instanceKey, endorsementText(unsigned, entry), endorsement)) {
      throw wrong("its instance has not signed the session's key");
    }
    this.#trust(instanceKey, instance);
    this.#key = key;
  }

  #head(text: string, value: TranscriptHead, wrong: (reason: string) => OperatorError): void {
    const { head, signature } = value;
    if (typeof head !== "object" || head === null || headLine(value) !== text) throw wrong("it is no head");
    if (head.session !== this.session) throw wrong("it is the head of another session");
    if (head.sequence !== this.entries.length || head.hash !== this.last?.hash) {
      throw wrong(`the head is of ${head.sequence} entries, and the transcript has ${this.entries.length}`);
    }
    if (!isSignedBy(head.instanceKey, headText(head), signature)) throw wrong("the head's signature is wrong");
    this.#trust(head.instanceKey, head.instance);
    this.isSealed = true;
  }

  #trust(instanceKey: string, instance: string): void {
    const fingerprint = fingerprintOf(instanceKey);
    if (!this.trusted.has(fingerprint)) {
      const what = `Line ${this.entries.length + 1} of the transcript is signed by the instance ${instance} with the key ${fingerprint}, which is not known.`;
      throw new OperatorError("InstanceUnknown", what, UNKNOWN_INSTANCE_REMEDY);
    }
    this.instances.add(fingerprint);
  }
}

/**
 * Verifies every line of a transcript: order, hashes, signatures, and that they lead to known instances. Errors:
 * OperatorError TranscriptAltered with the line, InstanceUnknown, TranscriptUnsealed where the end is missing.
 */
export function verifyTranscript(bytes: Buffer, { trusted, mustBeSealed }: VerificationOptions): VerifiedTranscript {
  const verifier = new TranscriptVerifier(trusted);
  const lines = transcriptLines(bytes);
  if (lines.at(-1)?.endsWith("\n") === false) throw unsealed("its last line is cut off");
  for (const line of lines) verifier.line(line);
  // A byte that is no UTF-8 reads as U+FFFD, which a text may have as well.
  if (!Buffer.from(bytes.toString("utf8")).equals(bytes)) throw altered(lines.length, "the file is not UTF-8");
  const { session, entries, length, isSealed, last } = verifier;
  if (last === undefined) throw unsealed("it has no entry");
  if (mustBeSealed && !isSealed) throw unsealed("its signed head is missing");
  const clockMovedBack = entries
    .filter(({ time }, at) => time < (entries[at - 1]?.time ?? ""))
    .map((each) => each.sequence);
  const instances = [...verifier.instances];
  return { session, entries, length, instances, isSealed, isClosed: last.kind === "closed", clockMovedBack };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function altered(line: number, reason: string): OperatorError {
  const remedy = "keep this file as evidence, and compare it with another copy of the transcript";
  return new OperatorError(
    "TranscriptAltered",
    `Line ${line} of the transcript is not as recorded: ${reason}.`,
    remedy,
  );
}

function unsealed(reason: string): OperatorError {
  const remedy = "get the transcript again by Close-PrivilegedEndpoint, which seals it";
  return new OperatorError("TranscriptUnsealed", `The end of the transcript is missing: ${reason}.`, remedy);
}
