import type { TranscriptDestination } from "../../../operator/archive/transcriptDestination";
import { OperatorError } from "../../../operator/operatorError";

/** A destination of transcripts in memory. */
export class MemoryDestination implements TranscriptDestination {
  readonly url = "https://archive.example/transcripts";
  readonly files = new Map<string, Buffer>();
  /** Number of the request that fails, counted from 1; 0: none. */
  failsAt = 0;
  /** Runs before a file is written, and changes its bytes. */
  change = (bytes: Buffer): Buffer => bytes;
  #requests = 0;

  async read(name: string): Promise<Buffer | undefined> {
    this.#request();
    return this.files.get(name);
  }

  async create(name: string, bytes: Buffer): Promise<void> {
    this.#request();
    if (!this.files.has(name)) this.files.set(name, this.change(bytes));
  }

  #request(): void {
    this.#requests += 1;
    if (this.#requests === this.failsAt) throw new OperatorError("UploadFailed", "The destination is away.", "wait");
  }
}
