import { randomUUID } from "node:crypto";
import type { AppendBlobClient, BlobClient, BlobDownloadResponseParsed, BlockBlobClient } from "@azure/storage-blob";
import { OperatorError } from "../operatorError";
import type { BlobContainer } from "./blobContainer";
import { blobFailure, blobFailureText, blobRemedy } from "./blobErrors";
import type { OperatorStore, StoredDocument, StoreLease } from "./operatorStore";
import { leaseHeld, STORE_WAIT_MS, storeConflict, storeUnavailable } from "./storeErrors";
import { leaseSeconds, storeName } from "./storeNames";

/** Codes of a precondition that does not hold. */
const CONFLICTS: ReadonlySet<string> = new Set([
  "AppendPositionConditionNotMet",
  "BlobAlreadyExists",
  "BlobNotFound",
  "ConditionNotMet",
  "TargetConditionNotMet",
  "UnauthorizedBlobOverwrite",
]);

/**
 * The store in a container of Azure Blob Storage, which instances on several hosts share: a document is a block blob with
 * its ETag, a log an append blob with its lease. The container must have no immutability policy; transcripts become
 * immutable at the destination of Close-PrivilegedEndpoint. A log has at most 50,000 entries.
 */
export class BlobStore implements OperatorStore {
  readonly #container: BlobContainer;
  readonly #waitMs: number;

  /** `waitMs`: until a request counts as failed, with its retries, in milliseconds. */
  constructor(container: BlobContainer, waitMs = STORE_WAIT_MS) {
    this.#container = container;
    this.#waitMs = waitMs;
  }

  async read(name: string): Promise<StoredDocument | undefined> {
    return this.#attempt(name, async (abortSignal) => {
      const response = await downloaded(this.#document(name), abortSignal);
      if (response === undefined) return undefined;
      const value = JSON.parse((await bytesOf(response)).toString("utf8")) as StoredDocument["value"];
      return { value, etag: response.etag ?? "" };
    });
  }

  async write(name: string, value: StoredDocument["value"], etag: string | undefined): Promise<string> {
    const bytes = Buffer.from(JSON.stringify(value));
    // Finds our own write, where its response was lost and the client has sent it again.
    const metadata = { write: randomUUID() };
    const blob = this.#document(name);
    const conditions = etag === undefined ? { ifNoneMatch: "*" } : { ifMatch: etag };
    return this.#attempt(name, async (abortSignal) => {
      try {
        return (await blob.upload(bytes, bytes.length, { conditions, metadata, abortSignal })).etag ?? "";
      } catch (error) {
        if (!CONFLICTS.has(blobFailure(error).code)) throw error;
        const present = await blob.getProperties({ abortSignal }).catch(() => undefined);
        if (present?.metadata?.write !== metadata.write) throw error;
        return present.etag ?? "";
      }
    });
  }

  async remove(name: string, etag: string): Promise<void> {
    const conditions = { ifMatch: etag };
    await this.#attempt(name, (abortSignal) => this.#document(name).delete({ conditions, abortSignal }));
  }

  list(prefix: string): Promise<string[]> {
    return this.#names("documents", prefix);
  }

  async createLog(log: string, seconds: number): Promise<StoreLease> {
    const duration = leaseSeconds(seconds);
    const blob = this.#log(log);
    const metadata = { write: randomUUID() };
    return this.#attempt(log, async (abortSignal) => {
      await blob.create({ conditions: { ifNoneMatch: "*" }, metadata, abortSignal }).catch(async (error: unknown) => {
        const present = await blob.getProperties({ abortSignal }).catch(() => undefined);
        if (present?.metadata?.write !== metadata.write) throw error;
      });
      return this.#lease(blob, log, { duration, abortSignal });
    });
  }

  async append(lease: StoreLease, position: number, bytes: Buffer): Promise<number> {
    const blob = this.#log(lease.log);
    const end = position + bytes.length;
    return this.#attempt(lease.log, async (abortSignal) => {
      try {
        const conditions = { leaseId: lease.id, appendPosition: position };
        await blob.appendBlock(bytes, bytes.length, { conditions, abortSignal });
      } catch (error) {
        if (blobFailure(error).code !== "AppendPositionConditionNotMet") throw error;
        // Our own append, where its response was lost and the client has sent it again.
        const present = await this.readLog(lease.log);
        if (present?.length !== end || !present.subarray(position).equals(bytes)) throw error;
      }
      return end;
    });
  }

  async readLog(log: string): Promise<Buffer | undefined> {
    return this.#attempt(log, async (abortSignal) => {
      const response = await downloaded(this.#log(log), abortSignal);
      return response && bytesOf(response);
    });
  }

  listLogs(prefix: string): Promise<string[]> {
    return this.#names("logs", prefix);
  }

  async removeLog(lease: StoreLease): Promise<void> {
    const conditions = { leaseId: lease.id };
    await this.#attempt(lease.log, (abortSignal) => this.#log(lease.log).deleteIfExists({ conditions, abortSignal }));
  }

  async acquireLease(log: string, seconds: number): Promise<StoreLease> {
    const duration = leaseSeconds(seconds);
    const acquire = (abortSignal: AbortSignal) => this.#lease(this.#log(log), log, { duration, abortSignal });
    return this.#attempt(log, acquire, ["BlobNotFound"]);
  }

  async isLeased(log: string): Promise<boolean> {
    return this.#attempt(log, async (abortSignal) => {
      const present = await this.#log(log).getProperties({ abortSignal }).catch(absent);
      return present?.leaseState === "leased";
    });
  }

  async renewLease(lease: StoreLease): Promise<void> {
    const client = this.#log(lease.log).getBlobLeaseClient(lease.id);
    await this.#attempt(lease.log, (abortSignal) => client.renewLease({ abortSignal }), ["BlobNotFound"]);
  }

  async releaseLease(lease: StoreLease): Promise<void> {
    const client = this.#log(lease.log).getBlobLeaseClient(lease.id);
    await this.#attempt(lease.log, (abortSignal) => client.releaseLease({ abortSignal }), ["BlobNotFound"]);
  }

  async close(): Promise<void> {
    // Connections are the process's.
  }

  #document(name: string): BlockBlobClient {
    return this.#container.client.getBlockBlobClient(`${this.#container.prefix}documents/${storeName(name)}`);
  }

  #log(name: string): AppendBlobClient {
    return this.#container.client.getAppendBlobClient(`${this.#container.prefix}logs/${storeName(name)}`);
  }

  /** A lease under an ID of ours, so that the request may be sent twice. */
  async #lease(
    blob: AppendBlobClient,
    log: string,
    { duration, abortSignal }: { readonly duration: number; readonly abortSignal: AbortSignal },
  ): Promise<StoreLease> {
    const id = randomUUID();
    await blob.getBlobLeaseClient(id).acquireLease(duration, { abortSignal });
    return { log, id };
  }

  async #names(kind: "documents" | "logs", prefix: string): Promise<string[]> {
    const { client, prefix: folder } = this.#container;
    const base = `${folder}${kind}/`;
    return this.#attempt(prefix, async (abortSignal) => {
      const names: string[] = [];
      for await (const { name } of client.listBlobsFlat({ prefix: `${base}${prefix}`, abortSignal }))
        names.push(name.slice(base.length));
      return names.sort();
    });
  }

  /** Runs requests; `leaseCodes` are codes that mean that the lease is not to be had, besides those of leases. */
  async #attempt<T>(
    name: string,
    work: (abortSignal: AbortSignal) => Promise<T>,
    leaseCodes: readonly string[] = [],
  ): Promise<T> {
    // The SDK waits for a response without an end: its time-out of a try is for the service.
    const abortSignal = AbortSignal.timeout(this.#waitMs);
    try {
      return await work(abortSignal);
    } catch (error) {
      if (error instanceof TypeError || error instanceof OperatorError) throw error;
      if (abortSignal.aborted) throw this.#silent(error);
      const failure = blobFailure(error);
      if (failure.code.includes("Lease") || leaseCodes.includes(failure.code)) throw leaseHeld(name, error);
      if (CONFLICTS.has(failure.code)) throw storeConflict(name, error);
      const { client } = this.#container;
      const { origin, pathname } = new URL(client.url);
      const what = `The operator store in ${client.containerName} cannot be reached. ${blobFailureText(failure, origin + pathname)}`;
      throw storeUnavailable(what, blobRemedy(failure), error);
    }
  }

  #silent(cause: unknown): OperatorError {
    const what = `The operator store in ${this.#container.client.containerName} gave no response within ${this.#waitMs / 1000} seconds.`;
    return storeUnavailable(what, "see that the storage account responds, then connect again", cause);
  }
}

function absent(error: unknown): undefined {
  const { status, code, refuser } = blobFailure(error);
  // A proxy's 404 says nothing about the blob.
  if (status !== 404 || refuser !== "service" || code === "ContainerNotFound") throw error;
}

function downloaded(blob: BlobClient, abortSignal: AbortSignal): Promise<BlobDownloadResponseParsed | undefined> {
  return blob.download(0, undefined, { abortSignal }).catch(absent);
}

async function bytesOf({ readableStreamBody }: BlobDownloadResponseParsed): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
