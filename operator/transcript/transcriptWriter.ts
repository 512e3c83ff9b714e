import { generateKeyPairSync } from "node:crypto";
import type { Clock } from "../../certs/clock";
import { detachedKey } from "../../certs/detachedKey";
import { OperatorError } from "../operatorError";
import type { OperatorStore, StoreLease } from "../store/operatorStore";
import { publicKeyText, signLines } from "./ed25519";
import type { InstanceKey } from "./instanceKey";
import { redactedData } from "./redaction";
import { endorsementText, entryText } from "./signedTexts";
import type { EntryData, EntryKind, SessionKey, TranscriptRecorder } from "./transcriptEntry";
import { type EntryContent, entryHash, entryLine, NO_HASH } from "./transcriptLine";

/** Seconds of a session's lease. Another instance takes a session over at the latest that long after its instance has died. */
export const LEASE_SECONDS = 20;

/** The longest entry in bytes: one block of an append blob. */
export const LONGEST_ENTRY = 4 * 1024 * 1024;

/** Where a transcript is written, and by whom. */
export interface WriterDependencies {
  readonly store: OperatorStore;
  readonly instance: InstanceKey;
  readonly clock: Clock;
}

/** The end of a transcript so far. */
export interface TranscriptEnd {
  readonly sequence: number;
  readonly hash: string;
  /** Length in bytes. */
  readonly position: number;
}

const EMPTY: TranscriptEnd = Object.freeze({ sequence: 0, hash: NO_HASH, position: 0 });

/**
 * Writes the transcript of one session: a hash chain, each entry signed by a key that lives in this object only and that
 * the instance's key endorses. Holds the lease of the transcript, and renews it until it is closed.
 */
export class TranscriptWriter implements TranscriptRecorder {
  readonly #dependencies: WriterDependencies;
  readonly #session: string;
  readonly #lease: StoreLease;
  readonly #key = detachedKey(generateKeyPairSync("ed25519").privateKey);
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #end: TranscriptEnd;
  #queue: Promise<void> = Promise.resolve();

  private constructor(dependencies: WriterDependencies, session: string, lease: StoreLease, end: TranscriptEnd) {
    this.#dependencies = dependencies;
    this.#session = session;
    this.#lease = lease;
    this.#end = end;
    this.#timer = setInterval(() => void this.renew(), (LEASE_SECONDS * 1000) / 4).unref();
  }

  /** Creates the transcript of a session, with its entry `opened`. Errors: TranscriptUnavailable. */
  static async open(dependencies: WriterDependencies, session: string, data: EntryData): Promise<TranscriptWriter> {
    const lease = await dependencies.store.createLog(`transcripts/${session}`, LEASE_SECONDS).catch(unavailable);
    return TranscriptWriter.#begin(new TranscriptWriter(dependencies, session, lease, EMPTY), "opened", data);
  }

  /** Goes on with a transcript whose lease this instance has acquired. Errors: TranscriptUnavailable. */
  static async takeOver(
    dependencies: WriterDependencies,
    session: string,
    { lease, end, data }: { readonly lease: StoreLease; readonly end: TranscriptEnd; readonly data: EntryData },
  ): Promise<TranscriptWriter> {
    return TranscriptWriter.#begin(new TranscriptWriter(dependencies, session, lease, end), "takenOver", data);
  }

  static async #begin(writer: TranscriptWriter, kind: EntryKind, data: EntryData): Promise<TranscriptWriter> {
    await writer.record(kind, { ...data, ...writer.#endorsedKey() });
    return writer;
  }

  /** The hash of the last entry. */
  get hash(): string {
    return this.#end.hash;
  }

  /** Aborts when nothing can be recorded any more; the reason is the OperatorError. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  record(kind: EntryKind, data: EntryData): Promise<void> {
    const done = this.#queue.then(() => this.#append(kind, data));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Renews the lease. The session is lost where another instance has taken it. */
  async renew(): Promise<void> {
    try {
      await this.#dependencies.store.renewLease(this.#lease, LEASE_SECONDS);
    } catch (error) {
      // A store that is away for a moment may be back before the next entry.
      if (error instanceof OperatorError && error.code === "LeaseHeld") this.#fail(error);
    }
  }

  /** Records the last entry and releases the lease. Errors: TranscriptUnavailable. */
  async close(data: EntryData): Promise<void> {
    await this.record("closed", data);
    await this.suspend();
  }

  /** Releases the lease without an entry, so that another instance can go on at once. */
  async suspend(): Promise<void> {
    clearInterval(this.#timer);
    await this.#queue;
    this.#fail(new OperatorError("SessionClosed", "The session is closed.", "connect again"));
    // The lease expires where it cannot be released.
    await this.#dependencies.store.releaseLease(this.#lease).catch(() => undefined);
  }

  /** The session's public key with the instance's endorsement, for the next entry. */
  #endorsedKey(): SessionKey {
    const { name, publicKey } = this.#dependencies.instance;
    const key = publicKeyText(this.#key);
    const unsigned = { session: this.#session, instance: name, instanceKey: publicKey, key };
    const place = { sequence: this.#end.sequence + 1, previous: this.#end.hash };
    return { ...unsigned, endorsement: this.#dependencies.instance.sign(endorsementText(unsigned, place)) };
  }

  async #append(kind: EntryKind, data: EntryData): Promise<void> {
    if (this.#lost.signal.aborted) throw this.#lost.signal.reason;
    try {
      const content: EntryContent = {
        sequence: this.#end.sequence + 1,
        time: this.#dependencies.clock.now().toISOString(),
        kind,
        data: redactedData(data),
        previous: this.#end.hash,
      };
      const hash = entryHash(content);
      const signature = signLines(this.#key, entryText(this.#session, { hash }));
      const position = await this.#write(Buffer.from(entryLine({ ...content, hash, signature })));
      this.#end = { sequence: content.sequence, hash, position };
    } catch (error) {
      throw this.#fail(error);
    }
  }

  async #write(line: Buffer): Promise<number> {
    if (line.length > LONGEST_ENTRY) throw new RangeError(`an entry of ${line.length} bytes is too long`);
    const { store } = this.#dependencies;
    const append = (): Promise<number> => store.append(this.#lease, this.#end.position, line);
    return append().catch(async (error: unknown) => {
      if (!(error instanceof OperatorError) || error.code !== "LeaseHeld") throw error;
      // After a pause of the process the lease has expired; it is still ours where no other instance took it.
      await store.renewLease(this.#lease, LEASE_SECONDS);
      return append();
    });
  }

  /** Ends recording for good; returns the error. */
  #fail(cause: unknown): OperatorError {
    clearInterval(this.#timer);
    if (!this.#lost.signal.aborted) this.#lost.abort(unavailableError(cause));
    return this.#lost.signal.reason as OperatorError;
  }
}

function unavailableError(cause: unknown): OperatorError {
  const isOwn = cause instanceof OperatorError;
  if (isOwn && cause.code === "SessionClosed") return cause;
  const [why, remedy] = isOwn
    ? [cause.message, cause.remedy]
    : [`${cause instanceof Error ? cause.message : String(cause)}.`, "ask for less output in one command"];
  const message = `The transcript cannot be written, so the session ends: ${why}`;
  return new OperatorError("TranscriptUnavailable", message, remedy, { cause });
}

function unavailable(cause: unknown): never {
  throw unavailableError(cause);
}
