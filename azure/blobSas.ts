/**
 * Shared access signatures of blobs, and connection strings of storage accounts.
 * Source: Azure documentation "Create a service SAS" and "Configure Azure Storage connection strings".
 */
import { createHmac } from "node:crypto";
import { BLOB_SUFFIX } from "./hosts";

/** A storage account with its key. */
export interface StorageAccount {
  readonly name: string;
  /** Base64. */
  readonly key: string;
  /** The address of its Blob service, without a slash at the end: `https://NAME.blob.core.windows.net`. */
  readonly blobEndpoint: string;
}

/** The version whose text to sign has neither the kind of resource nor a snapshot; IoT Hub documents it for uploads. */
const VERSION = "2018-03-28";

const ENDPOINT_SUFFIX = BLOB_SUFFIX.slice("blob.".length);

/** Reads a connection string with a key; undefined for any other. */
export function parseStorageConnectionString(text: string): StorageAccount | undefined {
  const fields = new Map(
    text.split(";").flatMap((part): [string, string][] => {
      const at = part.indexOf("=");
      return at > 0 ? [[part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()]] : [];
    }),
  );
  const [name, key] = [fields.get("accountname") ?? "", fields.get("accountkey") ?? ""];
  if (!/^[a-z0-9]{3,24}$/.test(name) || key === "" || Buffer.from(key, "base64").toString("base64") !== key) {
    return undefined;
  }
  const protocol = fields.get("defaultendpointsprotocol") ?? "https";
  const suffix = fields.get("endpointsuffix") ?? ENDPOINT_SUFFIX;
  const endpoint = (fields.get("blobendpoint") ?? `${protocol}://${name}.blob.${suffix}`).replace(/\/+$/, "");
  return /^https?:\/\//.test(endpoint) && URL.canParse(endpoint) ? { name, key, blobEndpoint: endpoint } : undefined;
}

/** What a signature of a blob allows: `r` read, `w` write. */
export interface BlobGrant {
  readonly container: string;
  /** The blob's name, not encoded. */
  readonly blob: string;
  readonly permissions: string;
  readonly expires: Date;
}

/** Returns the query of a blob's shared access signature, from its `?` on. */
export function createBlobSas(account: StorageAccount, { container, blob, permissions, expires }: BlobGrant): string {
  const expiry = `${expires.toISOString().slice(0, 19)}Z`;
  const resource = `/blob/${account.name}/${container}/${blob}`;
  // No start, policy, address or protocol, and five headers of responses, all empty.
  const signed = [permissions, "", expiry, resource, "", "", "", VERSION, "", "", "", "", ""].join("\n");
  const signature = createHmac("sha256", Buffer.from(account.key, "base64")).update(signed, "utf8").digest("base64");
  const query = { sv: VERSION, sr: "b", sig: signature, se: expiry, sp: permissions };
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `?${pairs.join("&")}`;
}

/** A blob's name in a URL: its slashes stay. */
export const encodeBlobName = (name: string): string => name.split("/").map(encodeURIComponent).join("/");
