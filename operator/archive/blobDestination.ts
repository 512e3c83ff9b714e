import { OperatorError } from "../operatorError";
import type { BlobContainer } from "../store/blobContainer";
import { blobFailure, blobFailureText, blobRemedy } from "../store/blobErrors";
import type { TranscriptDestination } from "./transcriptDestination";

/** Codes of a blob that is there already, also under an immutability policy. */
const EXISTS = /^(BlobAlreadyExists|BlobImmutableDueToPolicy|ConditionNotMet|UnauthorizedBlobOverwrite)$/;

/** How long a transcript may take, in milliseconds: it may have gigabytes. */
const WAIT_MS = 300_000;

/** Transcripts as blobs of a container, which may have an immutability policy. */
export class BlobDestination implements TranscriptDestination {
  readonly url: string;
  readonly #container: BlobContainer;

  constructor(container: BlobContainer) {
    const { origin, pathname } = new URL(container.client.url);
    this.url = `${origin}${pathname}/${container.prefix}`.replace(/\/$/, "");
    this.#container = container;
  }

  async read(name: string): Promise<Buffer | undefined> {
    try {
      return await this.#blob(name).downloadToBuffer(0, undefined, { abortSignal: AbortSignal.timeout(WAIT_MS) });
    } catch (error) {
      if (blobFailure(error).code === "BlobNotFound") return undefined;
      throw this.#failed(error);
    }
  }

  async create(name: string, bytes: Buffer): Promise<void> {
    const conditions = { ifNoneMatch: "*" };
    const blobHTTPHeaders = { blobContentType: "application/x-ndjson" };
    const abortSignal = AbortSignal.timeout(WAIT_MS);
    try {
      await this.#blob(name).upload(bytes, bytes.length, { conditions, blobHTTPHeaders, abortSignal });
    } catch (error) {
      if (!EXISTS.test(blobFailure(error).code)) throw this.#failed(error);
    }
  }

  #blob(name: string) {
    return this.#container.client.getBlockBlobClient(`${this.#container.prefix}${name}`);
  }

  #failed(cause: unknown): OperatorError {
    const failure = blobFailure(cause);
    return new OperatorError("UploadFailed", blobFailureText(failure, this.url), blobRemedy(failure), { cause });
  }
}
