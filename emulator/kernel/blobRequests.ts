import type { IncomingHttpHeaders } from "node:http";

/** A request to the Blob service, by a URL with a shared access signature, or with a token of Entra ID. */
export interface BlobRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** A response of the Blob service. */
export interface BlobResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body in pieces; read it, or end it. */
  readonly body: AsyncIterable<Buffer>;
  /** Ends a body that is not read to its end. */
  end(): void;
}

/** The local Azure has no storage for a URL, or the storage does not respond. The message has a remedy. */
export class BlobsUnavailable extends Error {
  override readonly name = "BlobsUnavailable";

  constructor(
    /** Whether no storage is set for the URL: then it never responds. */
    readonly isNotEmulated: boolean,
    message: string,
  ) {
    super(message);
  }
}

/** Sends requests of the local Azure's services to the storage that is set. Throws {@link BlobsUnavailable}. */
export type SendBlobRequest = (request: BlobRequest) => Promise<BlobResponse>;
