import type { Certificate } from "../../../certs/certificate";
import { secondsOf } from "../../kernel/clock";
import { detailOf as keyDetailOf } from "../keys/keyDefinition";
import { exportMaterial, type KeyMaterial } from "../keys/keyMaterial";
import { checkWritable, LABELS } from "../objects/existingObject";
import type { RequestedAttributes, Tags } from "../objects/objectAttributes";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { secretContent } from "./certificateContent";
import { type CertificateDependencies, detailOf } from "./certificateDefinition";
import type { CertificatePolicy } from "./certificatePolicy";
import { keyOpsOf } from "./keyUsage";

/** A certificate with all that a version needs. */
export interface Completed {
  readonly version: string;
  readonly policy: CertificatePolicy;
  readonly attributes: RequestedAttributes;
  readonly tags: Tags | undefined;
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
  const { version, policy, tags, chain, material } = completed;
  const [leaf] = chain;
  const { exportable } = policy.key_props;
  const attributes = { ...completed.attributes, nbf: secondsOf(leaf.notBefore), exp: secondsOf(leaf.notAfter) };
  const { contentType } = policy.secret_props;
  const { created } = completed;
  const times = created === undefined ? {} : { times: { created, updated: created } };
  const common = { version, attributes, tags, ...times };
  return database.transaction(() => {
    objects.add(
      { ...key, kind: "key" },
      {
        ...common,
        managed: true,
        detail: keyDetailOf(material, keyOpsOf(policy.x509_props.key_usage, material.jwk.kty), exportable),
        material: exportMaterial(material),
      },
    );
    objects.add(
      { ...key, kind: "secret" },
      {
        ...common,
        managed: true,
        detail: { contentType },
        material: secretContent(contentType, chain, exportable ? material : undefined),
      },
    );
    return objects.add(key, { ...common, detail: detailOf(leaf) });
  });
}

/**
 * Throws 409 if a certificate's name is not available: it, its key or its secret is deleted, or a key or secret without a
 * certificate has the name.
 */
export function checkNames(key: ObjectKey, { objects }: Pick<VaultDependencies, "objects">): void {
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
