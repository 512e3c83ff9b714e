import { WireError } from "../kernel/operation";
import type { VaultRecord } from "../kernel/vaultDirectory";

/** The codes of a vault's errors, `error.code` ("Azure Key Vault REST API error codes"); the last two are ours. */
export const VAULT_ERRORS = Object.freeze([
  "BadParameter",
  "Unauthorized",
  "Forbidden",
  "KeyNotFound",
  "SecretNotFound",
  "CertificateNotFound",
  "CertificateIssuerNotFound",
  "ContactsNotFound",
  "PendingCertificateNotFound",
  "MethodNotAllowed",
  "Conflict",
  "Malformed backup blob",
  "Throttled",
  "InternalServerError",
  "VaultNotFound",
  "NotEmulated",
] as const);

/** The inner codes, `error.innererror.code`. */
export const INNER_ERRORS = Object.freeze([
  "ForbiddenByRbac",
  "ForbiddenByPolicy",
  "ForbiddenByConnection",
  "ForbiddenByFirewall",
  "SecretDisabled",
  "KeyDisabled",
  "KeyNotYetValid",
  "KeyExpired",
  "KeyOperationForbidden",
  "KeyNotExportable",
  "KeyTypeNotSupported",
  "OperationNotAllowed",
  "ObjectIsDeletedButRecoverable",
  "ObjectIsBeingDeleted",
  "ObjectIsBeingRecovered",
  "RequestNotAllowedOnNonDeletedObject",
] as const);

type Code = (typeof VAULT_ERRORS)[number];
/** An inner code of {@link INNER_ERRORS}. */
export type InnerError = (typeof INNER_ERRORS)[number];

/** An error of the Key Vault data plane: `{"error":{"code","message","innererror"?}}` (document 004, "Error responses"). */
export function vaultError(
  status: number,
  code: Code,
  message: string,
  more: { readonly inner?: InnerError; readonly headers?: Readonly<Record<string, string>> } = {},
): WireError {
  const innererror = more.inner === undefined ? {} : { innererror: { code: more.inner } };
  return new WireError(status, { error: { code, message, ...innererror } }, more.headers);
}

/** 400 BadParameter: the request is invalid. */
export const badParameter = (message: string): WireError => vaultError(400, "BadParameter", message);

/** 501: the local Azure does not emulate this. */
export const notEmulated = (what: string): WireError =>
  vaultError(501, "NotEmulated", `The local Azure does not emulate ${what}. See docs/key-vault.md for what it does.`);

/** The error for hardware keys: Azure's own for a standard vault, 501 for a premium one. */
export const noHardware = ({ isPremium }: Pick<VaultRecord, "isPremium">): WireError =>
  isPremium
    ? notEmulated("keys in hardware (RSA-HSM, EC-HSM)")
    : badParameter("Hardware key operation not allowed on standard vault");
