import type { Request, WireError } from "../../kernel/operation";
import type { WithObjects } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import type { ObjectKind } from "../vaultPermissions";
import { nameOf, versionOf } from "./objectRequest";
import type { ObjectKey, ObjectVersion } from "./objectVersion";

/** The kinds as error codes and messages write them. */
export const LABELS = Object.freeze({ key: "Key", secret: "Secret", certificate: "Certificate" } as const);

/** 404 `SecretNotFound` and its like. `name` may carry a version: `name/version`. */
export function notFound(kind: ObjectKind, name: string): WireError {
  const message = `A ${kind} with (name/id) ${name} was not found in this key vault. If you recently deleted this ${kind} you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`;
  return vaultError(404, `${LABELS[kind]}NotFound`, message);
}

/** Returns the object of a request at the version in the path, or the latest. Throws 404, or 400 for an invalid name or version. */
export function existing(request: Request, vault: string, kind: ObjectKind, { objects }: WithObjects): ObjectVersion {
  const [name, version] = [nameOf(request), versionOf(request)];
  const found = objects.find({ vault, kind, name }, version);
  if (found) return found;
  throw notFound(kind, version === undefined ? name : `${name}/${version}`);
}

/** The inner code and the words of a state in which a name cannot be written. */
const CONFLICTS = {
  deleted: ["ObjectIsDeletedButRecoverable", "in a deleted but recoverable state, and its name cannot be reused"],
  deleting: ["ObjectIsBeingDeleted", "being deleted"],
  recovering: ["ObjectIsBeingRecovered", "being recovered"],
} as const;

/** Throws 409 if a name is deleted, being deleted or being recovered. */
export function checkWritable(key: ObjectKey, { objects }: WithObjects): void {
  const state = objects.state(key)?.state ?? "active";
  if (state === "active") return;
  const [inner, words] = CONFLICTS[state];
  const rest = state === "deleted" ? `; in this state, the ${key.kind} can only be recovered or purged` : "";
  throw vaultError(409, "Conflict", `${LABELS[key.kind]} ${key.name} is currently ${words}${rest}.`, { inner });
}

/** Throws 403 for a certificate's key or secret: only operations on the certificate change it. */
export function checkNotManaged(object: ObjectVersion, operation: string): void {
  if (!object.managed) return;
  const message = `Operation "${operation}" is not allowed on this ${object.kind}, as it is associated with a certificate. Use the certificate '${object.name}' instead.`;
  throw vaultError(403, "Forbidden", message, { inner: "OperationNotAllowed" });
}
