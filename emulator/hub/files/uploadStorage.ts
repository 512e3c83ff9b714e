import {
  type BlobGrant,
  createBlobSas,
  encodeBlobName,
  parseStorageConnectionString,
  type StorageAccount,
} from "../../../azure/blobSas";
import { BlobsUnavailable, type SendBlobRequest } from "../../kernel/blobRequests";
import type { HubRecord } from "../../kernel/directory";
import { hubError } from "../hubErrors";

/** The storage of a hub's file uploads. */
export interface UploadStorage extends Pick<BlobGrant, "container"> {
  readonly account: StorageAccount;
  /** How long a device's signature is valid, in milliseconds. */
  readonly sasTtlMs: number;
}

/** What a device may do with its blob (Azure documentation, "Upload files with IoT Hub – Device: Initialize a file upload"). */
const PERMISSIONS = "rw";
/** How long the hub's own signature is valid, in milliseconds. */
const OWN_TTL_MS = 60_000;

/** Returns a hub's storage. Throws DefaultStorageEndpointNotConfigured, InvalidStorageEndpointProperty or NotEmulated. */
export function uploadStorageOf({ fileUpload }: Pick<HubRecord, "fileUpload">): UploadStorage {
  const { storage } = fileUpload;
  if (!storage) throw hubError("DefaultStorageEndpointNotConfigured", "the hub has no storage for file uploads");
  if (storage.isIdentityBased) {
    throw hubError("NotEmulated", "file uploads with the hub's identity (identityBased) are not emulated");
  }
  const account = parseStorageConnectionString(storage.connectionString);
  if (!account) {
    const reason = "the connection string has no AccountName, no AccountKey, or a BlobEndpoint that is no URL";
    throw hubError("InvalidStorageEndpointProperty", "BadRequest", { reason });
  }
  return { account, container: storage.container, sasTtlMs: storage.sasTtlMs };
}

/** Where a device uploads a blob, and by which right. */
export interface BlobAccess {
  /** The host name of the Blob service; where the connection string names an address with a path, with that. */
  readonly hostName: string;
  readonly containerName: string;
  readonly blobName: string;
  /** From the `?` on. */
  readonly sasToken: string;
}

/** Returns the access to a blob for a device, until a time. */
export function blobAccess({ account, container }: UploadStorage, blob: string, expires: Date): BlobAccess {
  const hostName = account.blobEndpoint.replace(/^https?:\/\//, "");
  const sasToken = createBlobSas(account, { container, blob, permissions: PERMISSIONS, expires });
  return { hostName, containerName: container, blobName: blob, sasToken };
}

/** What the hub reads of a blob. */
export interface BlobFacts {
  readonly uri: string;
  readonly size: number;
  readonly lastModified: Date;
}

/** Reads a blob's properties. Throws InvalidStorageEndpointOrBlob where the storage refuses it, and NotEmulated. */
export async function blobFacts(
  { account, container }: UploadStorage,
  blob: string,
  now: Date,
  send: SendBlobRequest,
): Promise<BlobFacts> {
  const uri = `${account.blobEndpoint}/${encodeURIComponent(container)}/${encodeBlobName(blob)}`;
  const expires = new Date(now.getTime() + OWN_TTL_MS);
  const url = new URL(uri + createBlobSas(account, { container, blob, permissions: "r", expires }));
  const invalid = (reason: string) => hubError("InvalidStorageEndpointOrBlob", "BadRequest", { reason });
  try {
    const { status, headers, end } = await send({ method: "HEAD", url });
    end();
    if (status !== 200) throw invalid(`the storage returns ${status} ${headers["x-ms-error-code"] ?? ""} for ${blob}`);
    const lastModified = new Date(headers["last-modified"] ?? now);
    return { uri, size: Number(headers["content-length"]), lastModified };
  } catch (error) {
    if (!(error instanceof BlobsUnavailable)) throw error;
    throw error.isNotEmulated ? hubError("NotEmulated", error.message) : invalid(error.message);
  }
}
