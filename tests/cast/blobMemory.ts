import type { BlobRequest, BlobResponse, BlobsUnavailable } from "../../emulator/kernel/blobRequests";

/** A Blob service in memory, with one signature, and one token, `of p-1`: blobs by their path. */
export class BlobMemory {
  readonly blobs = new Map<string, Buffer>();
  readonly requests: string[] = [];
  /** The status of a request by its method and path, in place of what it does. */
  refuse: (request: BlobRequest) => number | undefined = () => undefined;
  /** What every request throws. */
  unavailable: BlobsUnavailable | undefined;
  readonly #blocks = new Map<string, Buffer>();

  readonly send = async (request: BlobRequest): Promise<BlobResponse> => {
    if (this.unavailable) throw this.unavailable;
    const { method, url, body = Buffer.alloc(0) } = request;
    this.requests.push(`${method} ${url.pathname}`);
    const isAuthorized = url.searchParams.get("sig") === "good" || request.headers?.authorization === "Bearer of p-1";
    const refused = isAuthorized ? this.refuse(request) : 403;
    if (refused !== undefined) return respond(refused);
    const path = decodeURIComponent(url.pathname);
    const [comp, id] = [url.searchParams.get("comp"), url.searchParams.get("blockid")];
    if (method === "DELETE") return respond(this.blobs.delete(path) ? 202 : 404);
    if (method !== "PUT") {
      const blob = this.blobs.get(path);
      return blob ? respond(200, blob) : respond(404);
    }
    if (comp === "block") this.#blocks.set(`${path} ${id}`, body);
    else if (comp === "blocklist") {
      const ids = [...body.toString().matchAll(/<Latest>([^<]*)<\/Latest>/g)].map(([, each]) => each);
      this.blobs.set(path, Buffer.concat(ids.map((each) => this.#blocks.get(`${path} ${each}`) ?? Buffer.from("?"))));
    } else this.blobs.set(path, body);
    return respond(201);
  };

  /** The lines of a blob; fails where there is none. */
  lines(path: string): string[] {
    const blob = this.blobs.get(path);
    if (!blob) throw new Error(`no blob ${path}`);
    return blob
      .toString()
      .split("\n")
      .filter((line) => line !== "");
  }
}

const respond = (status: number, blob: Buffer = Buffer.alloc(0)): BlobResponse => ({
  status,
  headers: { "content-length": String(blob.length) },
  // In small pieces, so that lines and letters are cut.
  body: (async function* () {
    for (let at = 0; at < blob.length; at += 7) yield blob.subarray(at, at + 7);
  })(),
  end: () => undefined,
});
