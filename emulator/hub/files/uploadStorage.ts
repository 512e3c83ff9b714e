import {
  type BlobGrant,
  createBlobSas,
  createDelegatedBlobSas,
  encodeBlobName,
  parseStorageAddress,
  parseStorageConnectionString,
} from "../../../azure/blobSas";
import { BlobsUnavailable } from "../../kernel/blobRequests";
import type { HubRecord, UploadEndpoint } from "../../kernel/directory";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { storageToken } from "../storage/storageToken";
import { NoUserDelegationKey, requestUserDelegationKey } from "../storage/userDelegationKey";

type Dependencies = Pick<HubDependencies, "clock" | "directory" | "issueToken" | "sendBlobRequest">;

/** The storage of a hub's file uploads. */
export interface UploadStorage extends Pick<BlobGrant, "container"> {
  /** The address of the Blob service, without a slash at the end. */
  readonly blobEndpoint: string;
  /** How long a device's signature is valid, in milliseconds. */
  readonly sasTtlMs: number;
  /** Returns the query of a blob's signature, from its `?` on. Throws InvalidStorageEndpointProperty or NotEmulated. */
  readonly sign: (grant: BlobGrant) => Promise<string>;
}

/** What a device may do with its blob (Azure documentation, "Upload files with IoT Hub – Device: Initialize a file upload"). */
const PERMISSIONS = "rw";
/** How long the hub's own signature is valid, in milliseconds. */
const OWN_TTL_MS = 60_000;

const invalidEndpoint = (reason: string) => hubError("InvalidStorageEndpointProperty", "BadRequest", { reason });

/** The storage of an endpoint with the account's key. */
function keyBased({ connectionString, container, sasTtlMs }: UploadEndpoint): UploadStorage {
  const account = parseStorageConnectionString(connectionString);
  if (!account) {
    throw invalidEndpoint("the connection string has no AccountName, no AccountKey, or a BlobEndpoint that is no URL");
  }
  const sign = async (grant: BlobGrant) => createBlobSas(account, grant);
  return { blobEndpoint: account.blobEndpoint, container, sasTtlMs, sign };
}

/**
 * The storage of an endpoint with the hub's identity. Which error Azure returns where the identity or its role is missing is not
 * on record.
 */
function identityBased(hub: string, endpoint: UploadEndpoint, deps: Dependencies): UploadStorage {
  const { connectionString, container, sasTtlMs, userAssignedIdentity } = endpoint;
  const address = parseStorageAddress(connectionString);
  if (!address) throw invalidEndpoint("the connection string has no AccountName, or a BlobEndpoint that is no URL");
  const { name: account, blobEndpoint } = address;
  const sign = async (grant: BlobGrant): Promise<string> => {
    // At the account: a key for signatures is the account's.
    const given = storageToken(hub, userAssignedIdentity, { account }, ["read", "write"], deps);
    if ("reason" in given) throw invalidEndpoint(given.reason);
    const times = { now: deps.clock.now(), expires: grant.expires };
    try {
      const key = await requestUserDelegationKey(blobEndpoint, given.token, times, deps.sendBlobRequest);
      return createDelegatedBlobSas(address, key, grant);
    } catch (error) {
      if (error instanceof BlobsUnavailable && error.isNotEmulated) throw hubError("NotEmulated", error.message);
      if (error instanceof NoUserDelegationKey && (error.status === 401 || error.status === 403)) {
        const remedy = "To fix: start Azurite with --oauth basic, --cert and --key";
        throw hubError("NotEmulated", `Azurite refuses the hub's token (${error.message}). ${remedy}`);
      }
      if (!(error instanceof Error)) throw error;
      throw invalidEndpoint(error.message);
    }
  };
  return { blobEndpoint, container, sasTtlMs, sign };
}

/** Returns a hub's storage. Throws DefaultStorageEndpointNotConfigured or InvalidStorageEndpointProperty. */
export function uploadStorageOf({ key, fileUpload }: Pick<HubRecord, "key" | "fileUpload">, deps: Dependencies) {
  const { storage } = fileUpload;
  if (!storage) throw hubError("DefaultStorageEndpointNotConfigured", "the hub has no storage for file uploads");
  return storage.isIdentityBased ? identityBased(key, storage, deps) : keyBased(storage);
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
export async function blobAccess(
  { blobEndpoint, container, sign }: UploadStorage,
  blob: string,
  expires: Date,
): Promise<BlobAccess> {
  const hostName = blobEndpoint.replace(/^https?:\/\//, "");
  const sasToken = await sign({ container, blob, permissions: PERMISSIONS, expires });
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
  { blobEndpoint, container, sign }: UploadStorage,
  blob: string,
  { clock, sendBlobRequest }: Dependencies,
): Promise<BlobFacts> {
  const now = clock.now();
  const uri = `${blobEndpoint}/${encodeURIComponent(container)}/${encodeBlobName(blob)}`;
  const expires = new Date(now.getTime() + OWN_TTL_MS);
  const url = new URL(uri + (await sign({ container, blob, permissions: "r", expires })));
  const invalid = (reason: string) => hubError("InvalidStorageEndpointOrBlob", "BadRequest", { reason });
  try {
    const { status, headers, end } = await sendBlobRequest({ method: "HEAD", url });
    end();
    if (status !== 200) throw invalid(`the storage returns ${status} ${headers["x-ms-error-code"] ?? ""} for ${blob}`);
    const lastModified = new Date(headers["last-modified"] ?? now);
    return { uri, size: Number(headers["content-length"]), lastModified };
  } catch (error) {
    if (!(error instanceof BlobsUnavailable)) throw error;
    throw error.isNotEmulated ? hubError("NotEmulated", error.message) : invalid(error.message);
  }
}
