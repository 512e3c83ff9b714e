import { withoutSecrets } from "../transcript/redaction";

/** What matters of an error of the Blob service or of the way to it. */
export interface BlobFailure {
  /** Undefined where no response came. */
  readonly status?: number;
  /** Such as `ConditionNotMet` or `ENOTFOUND`. */
  readonly code: string;
  /** One line without secrets. */
  readonly message: string;
}

/** Reads an error that the SDK has thrown. */
export function blobFailure(error: unknown): BlobFailure {
  const { statusCode, code, details, message } = error as {
    readonly statusCode?: number;
    readonly code?: string;
    readonly details?: { readonly errorCode?: string };
    readonly message?: string;
  };
  const known = details?.errorCode ?? code ?? (statusCode === undefined ? "NoResponse" : `HTTP ${statusCode}`);
  const [line = ""] = withoutSecrets(message ?? String(error)).split("\n");
  // The response to HEAD has no body.
  return { status: statusCode, code: known, message: line.trim() || "the response says nothing more" };
}

/** How to go on after an error, by its kind. */
export function blobRemedy({ status, code }: BlobFailure): string {
  if (code === "ContainerNotFound") return "create the container, or correct its URL";
  if (code === "AuthorizationPermissionMismatch") {
    return "give the identity the role Storage Blob Data Contributor, or the shared access signature read, create and write (rcw)";
  }
  if (status === 401 || status === 403)
    return "see that credential, expiry and network rules of the storage account are right";
  if (status === undefined) return "see that this host reaches the storage account";
  return "try again, and see Azure's status of the storage account";
}
