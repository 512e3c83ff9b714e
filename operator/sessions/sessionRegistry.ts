import { randomBytes } from "node:crypto";
import type { OperatorRole, SessionInformation } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { StoreLease } from "../store/operatorStore";
import { publishedFingerprints } from "../transcript/instanceKey";
import type { TranscriptEntry } from "../transcript/transcriptEntry";
import type { TranscriptIndex } from "../transcript/transcriptIndex";
import { type VerifiedTranscript, verifyTranscript } from "../transcript/transcriptVerification";
import { LEASE_SECONDS, TranscriptWriter, type WriterDependencies } from "../transcript/transcriptWriter";
import { OperatorSession } from "./operatorSession";
import { readSessionDocument, type SessionDocument } from "./sessionDocument";

/** Who opens a session or takes one over, once the credential is accepted. */
export interface SessionClient {
  readonly user: string;
  readonly role: OperatorRole;
  /** Address of the client. */
  readonly source: string;
  /** How the user signed in, such as `password` or the fingerprint of a key; recorded. */
  readonly credential: string;
  /** When the user was created, ISO 8601: a later user may have the same name. */
  readonly userCreated?: string;
}

/** An open session, and its ID. */
export interface OpenSession extends SessionDocument {
  readonly id: string;
}

/** Opens sessions with their transcripts, and takes over those of instances that have died. */
export class SessionRegistry {
  readonly #dependencies: WriterDependencies;
  readonly #index: TranscriptIndex;

  /** The instance's key must be published in the store ({@link publishInstanceKey}). */
  constructor(dependencies: WriterDependencies, index: TranscriptIndex) {
    this.#dependencies = dependencies;
    this.#index = index;
  }

  /** Opens a session. Errors: TranscriptUnavailable, StoreUnavailable. */
  async open(client: SessionClient): Promise<OperatorSession> {
    const { store, instance, clock } = this.#dependencies;
    const { user, role, source, userCreated } = client;
    const information = { id: randomBytes(16).toString("hex"), user, role, source, instance: instance.name };
    const writer = await TranscriptWriter.open(this.#dependencies, information.id, { ...client });
    const document: SessionDocument = {
      user,
      role,
      userCreated,
      source,
      instance: instance.name,
      opened: clock.now().toISOString(),
    };
    // No line runs before the index has the session.
    const indexed = this.#index.append({ kind: "opened", session: information.id, hash: writer.hash });
    await suspendedAtError(
      writer,
      indexed.then(() => store.write(`sessions/${information.id}`, document, undefined)),
    );
    return new OperatorSession(store, writer, information);
  }

  /** Every open session, sorted by the time of its opening. */
  async list(): Promise<OpenSession[]> {
    const { store } = this.#dependencies;
    const documents = await Promise.all(
      (await store.list("sessions/")).map(async (name) => ({ id: name.slice(9), document: await store.read(name) })),
    );
    return documents
      .flatMap(({ id, document }) => (document === undefined ? [] : [{ id, ...readSessionDocument(document) }]))
      .sort((one, other) => one.opened.localeCompare(other.opened));
  }

  /** Open sessions of a user that no instance serves any more. */
  async orphaned(client: Pick<SessionClient, "user" | "userCreated">): Promise<OpenSession[]> {
    const { store } = this.#dependencies;
    const own = (await this.list()).filter((session) => isOf(session, client));
    const isLeased = await Promise.all(own.map(({ id }) => store.isLeased(`transcripts/${id}`)));
    return own.filter((_, index) => isLeased[index] === false);
  }

  /**
   * Goes on with a session of the same user, locked, under the client's present role. Errors: SessionNotFound,
   * SessionClosed, LeaseHeld where an instance serves it, TranscriptAltered, TranscriptUnavailable.
   */
  async takeOver(id: string, client: SessionClient): Promise<OperatorSession> {
    const { store, instance } = this.#dependencies;
    const name = `sessions/${id}`;
    const found = /^[0-9a-f]{32}$/.test(id) ? await store.read(name) : undefined;
    if (found === undefined || !isOf(readSessionDocument(found), client)) throw notFound(id);
    const { opened } = readSessionDocument(found);
    const lease = await store.acquireLease(`transcripts/${id}`, LEASE_SECONDS);
    try {
      const verified = await this.#verified(lease);
      if (verified.isClosed) {
        await store.remove(name, found.etag);
        throw new OperatorError("SessionClosed", `Session ${id} is closed.`, "open a new session");
      }
      const writer = await TranscriptWriter.takeOver(this.#dependencies, id, {
        lease,
        end: { ...endOf(verified), position: verified.length },
        data: { ...client, from: readSessionDocument(found).instance },
      });
      const { user, role, source, userCreated } = client;
      const document: SessionDocument = { user, role, userCreated, source, instance: instance.name, opened };
      await suspendedAtError(writer, store.write(name, document, found.etag));
      const information: SessionInformation = { id, user, role, source, instance: instance.name };
      return new OperatorSession(store, writer, information, interruptedIn(verified.entries));
    } catch (error) {
      await store.releaseLease(lease).catch(() => undefined);
      throw error;
    }
  }

  async #verified({ log }: StoreLease): Promise<VerifiedTranscript> {
    const { store } = this.#dependencies;
    const bytes = (await store.readLog(log)) ?? Buffer.alloc(0);
    return verifyTranscript(bytes, { trusted: await publishedFingerprints(store), mustBeSealed: false });
  }
}

/** Where work fails, ends the writer, which would keep the lease otherwise. */
async function suspendedAtError<T>(writer: TranscriptWriter, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await writer.suspend();
    throw error;
  }
}

/** Whether a session is of this user, and not of a removed one of the same name. */
const isOf = (session: SessionDocument, { user, userCreated }: Pick<SessionClient, "user" | "userCreated">): boolean =>
  session.user === user && session.userCreated === userCreated;

function notFound(id: string): OperatorError {
  return new OperatorError(
    "SessionNotFound",
    `You have no open session ${id}.`,
    "connect without a session to see yours",
  );
}

function endOf({ entries }: VerifiedTranscript): { sequence: number; hash: string } {
  return { sequence: entries.length, hash: entries.at(-1)?.hash ?? "" };
}

/** Data of the last command, where its output is not recorded. */
function interruptedIn(entries: readonly TranscriptEntry[]): TranscriptEntry["data"] | undefined {
  const isOutput = ({ kind, data }: TranscriptEntry): boolean => kind === "output" && data.progress === undefined;
  const last = entries.findLast((entry) => entry.kind === "command" || isOutput(entry));
  return last?.kind === "command" ? last.data : undefined;
}
