import type { Certificate } from "../../../certs/certificate";
import type { KeyUsage } from "../../../certs/extensions";
import { secondsOf } from "../../kernel/clock";
import { defaultKeyOps, type KeyDetail, type KeyOp, detailOf as keyDetailOf } from "../keys/keyDefinition";
import { exportMaterial, type KeyMaterial } from "../keys/keyMaterial";
import { checkWritable, LABELS } from "../objects/existingObject";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import type { WithObjects } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { secretContent } from "./certificateContent";
import { type CertificateDependencies, detailOf } from "./certificateDefinition";
import type { Pending } from "./pendingStore";

const OPS: Readonly<Record<KeyUsage, readonly KeyOp[]>> = Object.freeze({
  digitalSignature: ["sign", "verify"],
  nonRepudiation: ["sign", "verify"],
  keyEncipherment: ["wrapKey", "unwrapKey"],
  dataEncipherment: ["encrypt", "decrypt"],
  keyAgreement: [],
  keyCertSign: ["sign", "verify"],
  cRLSign: ["sign", "verify"],
  encipherOnly: ["encrypt"],
  decipherOnly: ["decrypt"],
});

/**
 * Returns the operations of a certificate's key ("About Azure Key Vault certificates", Mapping X.509 usage to key
 * operations): those that both the key type and the certificate's key usages allow. Without key usages: all of the key type.
 */
function keyOpsOf(usages: readonly KeyUsage[], kty: KeyDetail["kty"]): readonly KeyOp[] {
  const possible = defaultKeyOps(kty);
  const allowed = usages.flatMap((usage) => OPS[usage]);
  return usages.length === 0 ? possible : possible.filter((op) => allowed.includes(op));
}

/** A certificate with all that a version needs. */
export interface Completed extends Pick<Pending, "version" | "policy" | "attributes" | "tags"> {
  /** Leaf first. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly material: KeyMaterial;
  /** When it was created, seconds since 1970; default: now. */
  readonly created?: number;
}

/**
 * Adds a version of a certificate, with its managed key and secret of the same name and version, in one transaction. Key and
 * secret have the certificate's validity. The caller saves the policy.
 */
export function complete(key: ObjectKey, completed: Completed, deps: CertificateDependencies): ObjectVersion {
  const { objects, database } = deps;
  const { version, policy, tags, chain, material, created } = completed;
  const [leaf] = chain;
  const { exportable } = policy.key_props;
  const attributes = { ...completed.attributes, nbf: secondsOf(leaf.notBefore), exp: secondsOf(leaf.notAfter) };
  const { contentType } = policy.secret_props;
  const times = created === undefined ? undefined : { created, updated: created };
  const common = { version, attributes, tags, times };
  return database.transaction(() => {
    const keyOps = keyOpsOf(policy.x509_props.key_usage, material.jwk.kty);
    const keyDetail = keyDetailOf(material, keyOps, exportable);
    const managed = { ...common, managed: true };
    objects.add({ ...key, kind: "key" }, { ...managed, detail: keyDetail, material: exportMaterial(material) });
    const content = secretContent(contentType, chain, exportable ? material : undefined);
    objects.add({ ...key, kind: "secret" }, { ...managed, detail: { contentType }, material: content });
    return objects.add(key, { ...common, detail: detailOf(leaf) });
  });
}

/**
 * Throws 409 if a certificate's name is not available: it, its key or its secret is deleted, or a key or secret without a
 * certificate has the name.
 */
export function checkNames(key: ObjectKey, { objects }: WithObjects): void {
  for (const kind of ["certificate", "key", "secret"] as const) {
    checkWritable({ ...key, kind }, { objects });
    const current = kind === "certificate" ? undefined : objects.find({ ...key, kind });
    if (current !== undefined && !current.managed) {
      const message = `${LABELS[kind]} ${key.name} already exists in this key vault without a certificate.`;
      throw vaultError(409, "Conflict", message);
    }
  }
}

/** Throws 409 as {@link checkNames}, and while a certificate of this name is pending. */
export function checkFree(key: ObjectKey, deps: CertificateDependencies): void {
  checkNames(key, deps);
  if (deps.pending.find(key.vault, key.name)?.status !== "inProgress") return;
  const message =
    "A new key vault certificate can not be created or imported while a pending key vault certificate's status is inProgress.";
  throw vaultError(409, "Forbidden", message);
}
