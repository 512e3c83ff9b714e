import { blobNameError, encodeBlobName } from "../../../azure/blobSas";
import { azureHost } from "../../../azure/hosts";
import { type BlobRequest, type BlobResponse, BlobsUnavailable, type SendBlobRequest } from "../../kernel/blobRequests";
import { HubError, hubError } from "../hubErrors";
import type { StorageTarget } from "../storage/storageToken";

/** Bytes of a block of a blob that is written in parts. */
const BLOCK_SIZE = 4 * 1024 * 1024;

const invalid = (text: string, reason?: string) => hubError("BlobContainerValidationError", text, { reason });

/** The characters of names of accounts and containers. */
const NAME = /^[a-z0-9$-]+$/;

/** The account and the container of a URI; at the address of Azurite, the account is the first part of the path. Throws BlobContainerValidationError. */
function targetOf({ hostname, pathname }: URL): Required<StorageTarget> {
  const host = azureHost(hostname);
  const [first = "", second = ""] = pathname.slice(1).split("/");
  const [account, container] = host?.service === "blob" ? [host.name, first] : [first, second];
  // No valid name is percent-encoded; an encoded slash would name something below a container.
  if (!NAME.test(account) || !NAME.test(container)) throw invalid("The URI of a blob container is not valid");
  return { account, container };
}

/** Throws BlobContainerValidationError for a name that no blob has. */
export function checkBlobName(name: string): void {
  const error = blobNameError(name);
  if (error) throw invalid("The name of a blob is not valid", error);
}

/** A container of blobs by its URI, with a shared access signature or a token. Its methods throw BlobContainerValidationError or NotEmulated. */
export class BlobContainer {
  private constructor(
    private readonly uri: URL,
    private readonly sendRequest: SendBlobRequest,
  ) {}

  /** Throws BlobContainerValidationError for what is no URI of a container. `tokenFor` returns a token for a container. */
  static of(
    uri: string,
    sendRequest: SendBlobRequest,
    tokenFor?: (target: Required<StorageTarget>) => string,
  ): BlobContainer {
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname.replace(/\/+$/, "") === "") {
      throw invalid("The URI of a blob container is not valid");
    }
    url.pathname = url.pathname.replace(/\/+$/, "");
    if (!tokenFor) return new BlobContainer(url, sendRequest);
    const authorization = `Bearer ${tokenFor(targetOf(url))}`;
    return new BlobContainer(url, (request) =>
      sendRequest({ ...request, headers: { ...request.headers, authorization } }),
    );
  }

  /** Writes and removes a blob, to see whether the signature allows it. */
  async checkWritable(name: string): Promise<void> {
    await this.#expect(201, { method: "PUT", headers: { "x-ms-blob-type": "BlockBlob" } }, name);
    await this.#expect(202, { method: "DELETE" }, name);
  }

  /** Whether a blob can be read. */
  async has(name: string): Promise<boolean> {
    const { status, end } = await this.#send({ method: "HEAD" }, name);
    end();
    return status === 200;
  }

  /** The lines of a blob, without their ends and without empty ones; a longer one is cut at `limit` characters and one more. */
  async *lines(name: string, limit: number): AsyncGenerator<string> {
    const response = await this.#send({ method: "GET" }, name);
    const decoder = new TextDecoder("utf-8");
    let [parts, size]: [string[], number] = [[], 0];
    const add = (text: string): void => {
      // A line that does not end must not fill the memory.
      if (size <= limit) parts.push(text);
      size += text.length;
    };
    const end = (): string[] => {
      const line = parts
        .join("")
        .slice(0, limit + 1)
        .replace(/\r$/, "");
      [parts, size] = [[], 0];
      return line.trim() === "" ? [] : [line];
    };
    try {
      if (response.status !== 200) throw invalid("Failed to read the input blob", `status ${response.status}`);
      for await (const chunk of response.body) {
        const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
        add(first);
        for (const text of others) {
          yield* end();
          add(text);
        }
      }
      yield* end();
    } catch (error) {
      if (error instanceof HubError) throw error;
      throw invalid("The input blob ended before it was read", error instanceof Error ? error.message : undefined);
    } finally {
      response.end();
    }
  }

  /** Begins a blob, which is there when it is committed. */
  writer(name: string): BlobWriter {
    return new BlobWriter((request, query) => this.#expect(201, request, name, query));
  }

  async #expect(
    status: number,
    request: Omit<BlobRequest, "url">,
    name: string,
    query?: Readonly<Record<string, string>>,
  ) {
    const response = await this.#send(request, name, query);
    response.end();
    if (response.status === status) return;
    const code = response.headers["x-ms-error-code"] ?? "";
    throw invalid("Unauthorized to write to output blob container", `the storage returns ${response.status} ${code}`);
  }

  async #send(
    request: Omit<BlobRequest, "url">,
    name: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<BlobResponse> {
    checkBlobName(name);
    const url = new URL(this.uri);
    url.pathname += `/${encodeBlobName(name)}`;
    for (const [each, value] of Object.entries(query)) url.searchParams.set(each, value);
    try {
      return await this.sendRequest({ ...request, url });
    } catch (error) {
      if (!(error instanceof BlobsUnavailable)) throw error;
      throw error.isNotEmulated
        ? hubError("NotEmulated", error.message)
        : invalid("The storage does not respond", error.message);
    }
  }
}

/** Writes a blob of lines, block by block. */
export class BlobWriter {
  readonly #blocks: string[] = [];
  #lines: string[] = [];
  #size = 0;

  constructor(
    private readonly put: (request: Omit<BlobRequest, "url">, query: Readonly<Record<string, string>>) => Promise<void>,
  ) {}

  async add(line: string): Promise<void> {
    this.#lines.push(`${line}\n`);
    this.#size += line.length;
    if (this.#size >= BLOCK_SIZE) await this.#flush();
  }

  /** Makes the blob of what was added; without anything, it is empty. */
  async commit(): Promise<void> {
    await this.#flush();
    const list = this.#blocks.map((id) => `<Latest>${id}</Latest>`).join("");
    const body = Buffer.from(`<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`);
    const headers = { "x-ms-blob-content-type": "text/plain", "content-type": "application/xml" };
    await this.put({ method: "PUT", headers, body }, { comp: "blocklist" });
  }

  async #flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const body = Buffer.from(this.#lines.join(""));
    [this.#lines, this.#size] = [[], 0];
    const blockid = Buffer.from(String(this.#blocks.length).padStart(6, "0")).toString("base64");
    await this.put({ method: "PUT", body }, { comp: "block", blockid });
    this.#blocks.push(blockid);
  }
}
