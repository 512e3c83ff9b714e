/**
 * Shared access signatures of blobs, and connection strings of storage accounts.
 * Source: Azure documentation "Create a service SAS" and "Configure Azure Storage connection strings".
 */
import { createHmac } from "node:crypto";
import { BLOB_SUFFIX } from "./hosts";

/** A storage account. */
export interface StorageAddress {
  readonly name: string;
  /** The address of its Blob service, without a slash at the end: `https://NAME.blob.core.windows.net`. */
  readonly blobEndpoint: string;
}

/** A storage account with its key. */
export interface StorageAccount extends StorageAddress {
  /** Base64. */
  readonly key: string;
}

/** The version whose text to sign has neither the kind of resource nor a snapshot; IoT Hub documents it for uploads. */
const VERSION = "2018-03-28";

const ENDPOINT_SUFFIX = BLOB_SUFFIX.slice("blob.".length);

const fieldsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(";").flatMap((part): [string, string][] => {
      const at = part.indexOf("=");
      return at > 0 ? [[part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()]] : [];
    }),
  );

/** Reads the account of a connection string, which need not have a key; undefined for any other text. */
export function parseStorageAddress(text: string): StorageAddress | undefined {
  const fields = fieldsOf(text);
  const name = fields.get("accountname") ?? "";
  if (!/^[a-z0-9]{3,24}$/.test(name)) return undefined;
  const protocol = fields.get("defaultendpointsprotocol") ?? "https";
  const suffix = fields.get("endpointsuffix") ?? ENDPOINT_SUFFIX;
  const endpoint = (fields.get("blobendpoint") ?? `${protocol}://${name}.blob.${suffix}`).replace(/\/+$/, "");
  return /^https?:\/\//.test(endpoint) && URL.canParse(endpoint) ? { name, blobEndpoint: endpoint } : undefined;
}

/** Reads a connection string with a key; undefined for any other. */
export function parseStorageConnectionString(text: string): StorageAccount | undefined {
  const address = parseStorageAddress(text);
  const key = fieldsOf(text).get("accountkey") ?? "";
  return address && key !== "" && Buffer.from(key, "base64").toString("base64") === key
    ? { ...address, key }
    : undefined;
}

/** What a signature of a blob allows: `r` read, `w` write. */
export interface BlobGrant {
  readonly container: string;
  /** The blob's name, not encoded. */
  readonly blob: string;
  readonly permissions: string;
  readonly expires: Date;
}

const expiryOf = (expires: Date): string => `${expires.toISOString().slice(0, 19)}Z`;

const queryOf = (query: Readonly<Record<string, string>>): string =>
  `?${Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&")}`;

const signatureOf = (key: string, signed: readonly string[]): string =>
  createHmac("sha256", Buffer.from(key, "base64")).update(signed.join("\n"), "utf8").digest("base64");

/** Returns the query of a blob's shared access signature, from its `?` on. */
export function createBlobSas(account: StorageAccount, { container, blob, permissions, expires }: BlobGrant): string {
  const expiry = expiryOf(expires);
  const resource = `/blob/${account.name}/${container}/${blob}`;
  // No start, policy, address or protocol, and five headers of responses, all empty.
  const signed = [permissions, "", expiry, resource, "", "", "", VERSION, "", "", "", "", ""];
  return queryOf({ sv: VERSION, sr: "b", sig: signatureOf(account.key, signed), se: expiry, sp: permissions });
}

/** A user delegation key, as the Blob service returns it (REST reference, "Get User Delegation Key"). */
export interface UserDelegationKey {
  readonly objectId: string;
  readonly tenantId: string;
  /** ISO 8601, as the service has written it. */
  readonly start: string;
  readonly expiry: string;
  readonly service: string;
  readonly version: string;
  /** Base64. */
  readonly value: string;
}

/** The first version with user delegation keys. */
const DELEGATED_VERSION = "2018-11-09";

/** Returns the query of a blob's signature by a user delegation key, from its `?` on (Azure documentation, "Create a user delegation SAS"). */
export function createDelegatedBlobSas(
  account: StorageAddress,
  key: UserDelegationKey,
  { container, blob, permissions, expires }: BlobGrant,
): string {
  const expiry = expiryOf(expires);
  const delegated = [key.objectId, key.tenantId, key.start, key.expiry, key.service, key.version];
  const resource = `/blob/${account.name}/${container}/${blob}`;
  // No start, address, protocol or snapshot, and five headers of responses, all empty.
  const rest = ["", "", DELEGATED_VERSION, "b", "", "", "", "", "", ""];
  const sig = signatureOf(key.value, [permissions, "", expiry, resource, ...delegated, ...rest]);
  const [skoid = "", sktid = "", skt = "", ske = "", sks = "", skv = ""] = delegated;
  return queryOf({
    sv: DELEGATED_VERSION,
    sr: "b",
    sp: permissions,
    se: expiry,
    skoid,
    sktid,
    skt,
    ske,
    sks,
    skv,
    sig,
  });
}

/** Most characters of a blob's name, and most parts between its slashes. */
const [NAME_LIMIT, PARTS_LIMIT] = [1024, 254];

/**
 * Returns why no blob has a name; undefined for a valid one (Azure documentation, "Naming and referencing containers, blobs, and
 * metadata"). Azure only advises against parts that end with a dot; clients resolve `.` and `..` in a URL, so that the signature of such
 * a name is of no use, and a name may leave its container.
 */
export function blobNameError(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > NAME_LIMIT) return `it has more than ${NAME_LIMIT} characters`;
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return "it has characters that a blob's name cannot have";
  const parts = name.split("/");
  if (parts.length > PARTS_LIMIT) return `it has more than ${PARTS_LIMIT} parts`;
  return parts.some((part) => part === "." || part === "..") ? "it has a part . or .." : undefined;
}

/** A blob's name in a URL: its slashes stay. */
export const encodeBlobName = (name: string): string => name.split("/").map(encodeURIComponent).join("/");
