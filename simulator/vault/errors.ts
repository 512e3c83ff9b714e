import { WireError } from "../kernel/call";

/** What a vault says of itself under `error.innererror.code`. */
type Inner =
  | "AccessDenied"
  | "ForbiddenByRbac"
  | "ForbiddenByPolicy"
  | "ForbiddenByConnection"
  | "ForbiddenByFirewall"
  | "SecretDisabled"
  | "KeyDisabled"
  | "KeyNotYetValid"
  | "KeyExpired"
  | "KeyOperationForbidden"
  | "KeyNotExportable"
  | "KeyTypeNotSupported"
  | "OperationNotAllowed"
  | "ObjectIsDeletedButRecoverable"
  | "ObjectIsBeingDeleted"
  | "ObjectIsBeingRecovered";

/** An error of the Key Vault data plane: `{"error":{"code","message","innererror"?}}` (document 004, "Error responses"). */
export function vaultError(
  status: number,
  code: string,
  message: string,
  more: { readonly inner?: Inner; readonly headers?: Readonly<Record<string, string>> } = {},
): WireError {
  const innererror = more.inner === undefined ? {} : { innererror: { code: more.inner } };
  return new WireError(status, { error: { code, message, ...innererror } }, more.headers);
}

/** 400 BadParameter: something in the request is not as it must be. */
export const badParameter = (message: string): WireError => vaultError(400, "BadParameter", message);

/** 501: what this local Azure does not do, said loudly. */
export const notSimulated = (what: string): WireError =>
  vaultError(501, "NotSimulated", `The local Azure does not simulate ${what}. See docs/key-vault.md for what it does.`);
