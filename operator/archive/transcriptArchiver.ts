import { createHash } from "node:crypto";
import type { SessionInformation } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { StoreLease } from "../store/operatorStore";
import { publishedFingerprints } from "../transcript/instanceKey";
import { sealedTranscript } from "../transcript/sealedTranscript";
import type { TranscriptIndex } from "../transcript/transcriptIndex";
import { type VerifiedTranscript, verifyTranscript } from "../transcript/transcriptVerification";
import { LEASE_SECONDS, TranscriptWriter, type WriterDependencies } from "../transcript/transcriptWriter";
import type { TranscriptDestination } from "./transcriptDestination";

/** What became of a transcript. */
export interface ArchivedTranscript {
  readonly session: string;
  /**
   * `open`: an instance serves its session. `kept`: not uploaded, for the reason in `error`. `empty`: removed, because its
   * instance has died before the first entry. `foreign`: of another user, and an administrator moves it.
   */
  readonly state: "uploaded" | "open" | "kept" | "empty" | "foreign";
  /** URL of the file. */
  readonly file?: string;
  readonly bytes?: number;
  /** Of the file, hexadecimal. */
  readonly sha256?: string;
  /** Code and message of an OperatorError. */
  readonly error?: string;
}

/** Where transcripts are moved from, and by which instance. */
export interface ArchiverDependencies extends WriterDependencies {
  readonly index: TranscriptIndex;
}

/** Who moves transcripts: an administrator those of all users, an operator its own. */
export type TranscriptMover = Pick<SessionInformation, "user" | "role">;

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/**
 * Moves transcripts from the store to a destination: each is verified, sealed with a signed head, uploaded, read back and
 * compared, and only then removed from the store. `uploads/SESSION` in the store says where it is.
 */
export class TranscriptArchiver {
  readonly #dependencies: ArchiverDependencies;
  readonly #destination: TranscriptDestination;
  readonly #mover: TranscriptMover;

  constructor(dependencies: ArchiverDependencies, destination: TranscriptDestination, mover: TranscriptMover) {
    this.#dependencies = dependencies;
    this.#destination = destination;
    this.#mover = mover;
  }

  /** Sees that the destination is there and lets this client read. Errors: OperatorError UploadFailed. */
  async probe(session: string): Promise<void> {
    await this.#destination.read(fileOf(session));
  }

  /** Moves the transcripts of all sessions that are closed, or that no instance serves any more, except one session. */
  async moveOthers(session: string, signal: AbortSignal): Promise<ArchivedTranscript[]> {
    const archived: ArchivedTranscript[] = [];
    for (const log of await this.#dependencies.store.listLogs("transcripts/")) {
      signal.throwIfAborted();
      const id = log.slice("transcripts/".length);
      if (id !== session) archived.push(await this.move(id));
    }
    return archived;
  }

  /** Moves one transcript. A session that no instance serves is closed first. */
  async move(session: string): Promise<ArchivedTranscript> {
    try {
      const lease = await this.#dependencies.store.acquireLease(`transcripts/${session}`, LEASE_SECONDS);
      try {
        return await this.#moveOwned(session, lease);
      } catch (error) {
        await this.#dependencies.store.releaseLease(lease).catch(() => undefined);
        throw error;
      }
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      if (error.code === "LeaseHeld") return { session, state: "open" };
      return { session, state: "kept", error: `${error.code}: ${error.message}` };
    }
  }

  async #moveOwned(session: string, acquired: StoreLease): Promise<ArchivedTranscript> {
    const { store, instance, clock } = this.#dependencies;
    if ((await store.readLog(acquired.log))?.length === 0) {
      await store.removeLog(acquired);
      return { session, state: "empty" };
    }
    const trusted = await publishedFingerprints(store);
    const read = async (): Promise<[Buffer, VerifiedTranscript]> => {
      const bytes = (await store.readLog(acquired.log)) ?? Buffer.alloc(0);
      return [bytes, verifyTranscript(bytes, { trusted, mustBeSealed: false })];
    };
    let lease = acquired;
    let [bytes, verified] = await read();
    if (this.#mover.role !== "administrator" && verified.entries[0]?.data.user !== this.#mover.user) {
      await store.releaseLease(lease);
      return { session, state: "foreign" };
    }
    if (!verified.isClosed) {
      await this.#closeOrphan(session, lease, verified);
      lease = await store.acquireLease(lease.log, LEASE_SECONDS);
      [bytes, verified] = await read();
    }
    const sealed = await this.#upload(fileOf(session), sealedTranscript(bytes, verified, instance), verified, trusted);
    const file = `${this.#destination.url}/${fileOf(session)}`;
    const upload = { file, bytes: sealed.length, sha256: sha256(sealed) };
    const known = await store.read(`uploads/${session}`);
    const document = { ...upload, user: this.#mover.user, time: clock.now().toISOString() };
    await store.write(`uploads/${session}`, document, known?.etag);
    await this.#dependencies.index.append({ kind: "uploaded", session, hash: upload.sha256, file });
    // An upload may take longer than a lease.
    await store.renewLease(lease, LEASE_SECONDS);
    await store.removeLog(lease);
    return { session, state: "uploaded", ...upload };
  }

  /** Records the end of a session whose instance has died. */
  async #closeOrphan(session: string, lease: StoreLease, { entries, length }: VerifiedTranscript): Promise<void> {
    const { store } = this.#dependencies;
    const last = entries.at(-1);
    const end = { sequence: entries.length, hash: last?.hash ?? "", position: length };
    const data = { user: this.#mover.user };
    const writer = await TranscriptWriter.takeOver(this.#dependencies, session, { lease, end, data });
    await writer.close({ reason: "its instance has died, and its transcript is uploaded" });
    const document = await store.read(`sessions/${session}`);
    if (document !== undefined) await store.remove(`sessions/${session}`, document.etag);
  }

  /** Uploads a sealed transcript; returns the bytes that are at the destination. Errors: UploadFailed. */
  async #upload(
    name: string,
    sealed: Buffer,
    verified: VerifiedTranscript,
    trusted: ReadonlySet<string>,
  ): Promise<Buffer> {
    await this.#destination.create(name, sealed);
    const found = (await this.#destination.read(name)) ?? Buffer.alloc(0);
    if (sha256(found) === sha256(sealed) || isSame(found, verified, trusted)) return found;
    const message = `${name} at ${this.#destination.url} is not the transcript that was uploaded.`;
    throw new OperatorError("UploadFailed", message, "give another folder, and look into who wrote that file");
  }
}

/** Name of a transcript's file at the destination. */
function fileOf(session: string): string {
  return `${session}.jsonl`;
}

/** Whether bytes are the same transcript, sealed by another instance that died before it could remove it from the store. */
function isSame(bytes: Buffer, { entries }: VerifiedTranscript, trusted: ReadonlySet<string>): boolean {
  try {
    const other = verifyTranscript(bytes, { trusted, mustBeSealed: true });
    return other.entries.at(-1)?.hash === entries.at(-1)?.hash;
  } catch {
    return false;
  }
}
