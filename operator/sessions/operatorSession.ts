import type { SessionInformation } from "../commands/operatorCommand";
import type { OperatorStore } from "../store/operatorStore";
import type { EntryData, TranscriptRecorder } from "../transcript/transcriptEntry";
import type { TranscriptWriter } from "../transcript/transcriptWriter";

/** A session that this instance serves. */
export class OperatorSession {
  readonly #store: OperatorStore;
  readonly #writer: TranscriptWriter;
  readonly information: SessionInformation;
  /** Data of the last command, where an instance died before its output was recorded: its outcome is unknown. */
  readonly interrupted?: EntryData;

  constructor(
    store: OperatorStore,
    writer: TranscriptWriter,
    information: SessionInformation,
    interrupted?: EntryData,
  ) {
    this.#store = store;
    this.#writer = writer;
    this.information = information;
    this.interrupted = interrupted;
  }

  get recorder(): TranscriptRecorder {
    return this.#writer;
  }

  /** Aborts when nothing can be recorded any more, which ends the session; the reason is an OperatorError. */
  get lost(): AbortSignal {
    return this.#writer.lost;
  }

  /** Records the last entry, and leaves the transcript in the store. Errors: TranscriptUnavailable, SessionClosed. */
  async close(reason: string): Promise<void> {
    await this.#writer.close({ reason });
    const name = `sessions/${this.information.id}`;
    const document = await this.#store.read(name);
    if (document !== undefined) await this.#store.remove(name, document.etag);
  }

  /** Stops serving the session without closing it, so that another instance can take it over at once. */
  suspend(): Promise<void> {
    return this.#writer.suspend();
  }
}
