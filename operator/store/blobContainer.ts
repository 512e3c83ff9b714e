import type { TokenCredential } from "@azure/core-auth";
import { AnonymousCredential, ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { environmentCredential } from "../../azure/clients/environmentCredential";
import { OperatorError } from "../operatorError";

/** A blob container, and what names of blobs in it begin with. */
export interface BlobContainer {
  readonly client: ContainerClient;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
}

/** Name and key of a storage account. */
export interface AccountKey {
  readonly account: string;
  /** Base64. */
  readonly key: string;
}

/** Three tries of ten seconds: an operator waits for the response. */
const RETRIES = { maxTries: 3, tryTimeoutInMs: 10_000, retryDelayInMs: 500, maxRetryDelayInMs: 4000 };

/** Hosts of Azure Blob Storage. A token of Entra ID goes to no other one: whoever names the URL could read it there. */
const AZURE = /\.blob\.(core\.(windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)|storage\.azure\.net)$/;

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * The container of a URL: `https://ACCOUNT.blob.core.windows.net/CONTAINER[/FOLDER][?SAS]`, or
 * `http://127.0.0.1:PORT/ACCOUNT/CONTAINER` of Azurite. Signs in by the URL's shared access signature, by an account key, or
 * with Entra ID as the environment says. Errors: OperatorError ParameterInvalid.
 */
export function blobContainer(
  url: string,
  accountKey?: AccountKey,
  entra: () => TokenCredential = environmentCredential,
): BlobContainer {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) throw invalid("it is no URL");
  const isLoopback = LOOPBACK.test(parsed.hostname);
  if (parsed.protocol !== "https:" && !(parsed.protocol === "http:" && isLoopback)) throw invalid("it is not https");
  if (parsed.username !== "" || parsed.hash !== "") throw invalid("it has a user name or a fragment");
  // Azurite has the account in the path.
  const parts = parsed.pathname.split("/").filter((part) => part !== "");
  const base = parts.splice(0, isLoopback ? 2 : 1);
  if (base.length < (isLoopback ? 2 : 1)) throw invalid("it names no container");
  const isSigned = parsed.searchParams.has("sig");
  if (parsed.search !== "" && !isSigned) throw invalid("its query is no shared access signature");
  if (isSigned && accountKey !== undefined)
    throw invalid("it has a shared access signature, and a credential is given");
  if (!isSigned && accountKey === undefined && !AZURE.test(parsed.hostname))
    throw invalid("without a credential it must be of Azure Blob Storage, because the endpoint signs in with Entra ID");
  const address = `${parsed.origin}/${base.join("/")}${parsed.search}`;
  const client = new ContainerClient(address, credentialOf(isSigned, accountKey, entra), { retryOptions: RETRIES });
  return { client, prefix: parts.map((part) => `${decoded(part)}/`).join("") };
}

/** A folder's name. Errors: OperatorError ParameterInvalid where it leads out of its folder. */
function decoded(part: string): string {
  let name: string;
  try {
    name = decodeURIComponent(part);
  } catch {
    throw invalid("a percent sign in it begins no character");
  }
  if (/[/\\]|^\.\.?$/.test(name)) throw invalid("a folder in it has a slash in its name");
  return name;
}

function credentialOf(isSigned: boolean, accountKey: AccountKey | undefined, entra: () => TokenCredential) {
  if (isSigned) return new AnonymousCredential();
  return accountKey === undefined ? entra() : new StorageSharedKeyCredential(accountKey.account, accountKey.key);
}

function invalid(reason: string): OperatorError {
  const remedy = "give https://ACCOUNT.blob.core.windows.net/CONTAINER, with a shared access signature or without";
  return new OperatorError("ParameterInvalid", `The URL is not that of a blob container: ${reason}.`, remedy);
}
