import type { Certificate } from "../../../certs/certificate";
import { secondsOf } from "../../kernel/clock";
import { detailOf as keyDetailOf } from "../keys/keyDetail";
import { exportMaterial, type KeyMaterial } from "../keys/keyMaterial";
import { checkWritable, LABELS } from "../objects/existingObject";
import type { AskedAttributes, Tags } from "../objects/objectAttributes";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import type { VaultDependencies } from "../vaultDependencies";
import { vaultError } from "../vaultErrors";
import { secretContent } from "./certificateContent";
import { type CertificateDependencies, detailOf } from "./certificateDefinition";
import type { CertificatePolicy } from "./certificatePolicy";
import { keyOpsOf } from "./keyUsage";

/** A certificate that has all that it needs to become a version. */
export interface Completed {
  readonly version: string;
  readonly policy: CertificatePolicy;
  readonly attributes: AskedAttributes;
  readonly tags: Tags | undefined;
  /** Leaf first. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly material: KeyMaterial;
  /** When it was made, seconds since 1970; default: now. */
  readonly created?: number;
}

/**
 * Adds a version of a certificate with the key and the secret of the same name and version, which it manages: all or
 * nothing. The key and the secret begin and end with the certificate. The policy is its caller's to keep.
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
 * Throws 409 when a certificate cannot have a name: it, its key or its secret is deleted, or a key or secret of its own
 * has the name.
 */
export function checkNames(key: ObjectKey, { objects }: Pick<VaultDependencies, "objects">): void {
  for (const kind of ["certificate", "key", "secret"] as const) {
    checkWritable({ ...key, kind }, { objects });
    const standing = kind === "certificate" ? undefined : objects.find({ ...key, kind });
    if (standing !== undefined && !standing.managed) {
      const message = `${LABELS[kind]} ${key.name} already exists in this key vault, and belongs to no certificate.`;
      throw vaultError(409, "Conflict", message);
    }
  }
}

/** Throws 409 as {@link checkNames}, and while another certificate of the name is being made. */
export function checkFree(key: ObjectKey, deps: CertificateDependencies): void {
  checkNames(key, deps);
  if (deps.pending.find(key.vault, key.name)?.status !== "inProgress") return;
  const message =
    "A new key vault certificate can not be created or imported while a pending key vault certificate's status is inProgress.";
  throw vaultError(409, "Forbidden", message);
}
