import type { Duplex } from "node:stream";

/** Bytes that a connection takes before rhea has passed them to the stream. */
const TURN_LIMIT = 512 * 1024;
/** Bytes that wait in the stream for the client to read. */
const STREAM_LIMIT = 1024 * 1024;

/** How much a connection may send now, so that what a slow client has not read stays bounded: rhea itself asks for no end. */
export class SendRoom {
  #bytes = 0;
  #flushes = 0;
  #isScheduled = false;

  /**
   * `hasUnsent`: whether rhea holds messages back, because the client's window of a session is full. `ready` is called
   * when there is room again.
   */
  constructor(
    private readonly stream: Duplex,
    private readonly hasUnsent: () => boolean,
    private readonly ready: () => void,
  ) {
    stream.on("drain", () => this.check());
  }

  /** How often rhea has sent everything that it was given. */
  get flushes(): number {
    return this.#flushes;
  }

  has(): boolean {
    return this.#bytes < TURN_LIMIT && this.stream.writableLength < STREAM_LIMIT;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
    this.check();
  }

  /** Looks, after rhea's turn, whether there is room again. */
  check(): void {
    if (this.#isScheduled || this.stream.destroyed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.hasUnsent()) {
        this.#bytes = 0;
        this.#flushes += 1;
      }
      if (this.has()) this.ready();
    });
  }
}
