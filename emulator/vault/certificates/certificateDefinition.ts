import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { Certificate } from "../../../certs/certificate";
import { unixSeconds } from "../../kernel/clock";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { attributesBody } from "../objects/objectAttributes";
import { commonBody, idOf, type ObjectDefinition, objectId } from "../objects/objectDefinition";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import type { VaultDependencies } from "../vaultDependencies";
import type { CertificatePolicy } from "./certificatePolicy";
import type { Pending, PendingStore } from "./pendingStore";

/** The public detail of a certificate's version; empty while it is pending. */
export interface CertificateDetail {
  /** SHA-1, base64url: an identifier, no protection. */
  readonly x5t: string;
  /** Base64 of DER. */
  readonly cer: string;
  readonly subject: string;
}

/** Returns the `ObjectVersion.detail` of a certificate. */
export function detailOf(certificate: Certificate): JsonObject {
  const detail: CertificateDetail = {
    x5t: Buffer.from(certificate.sha1Thumbprint, "hex").toString("base64url"),
    cer: certificate.raw.toString("base64"),
    subject: certificate.subject,
  };
  return { ...detail };
}

/** A policy with the times of creation and last change, in seconds since 1970. */
interface StoredPolicy extends CertificatePolicy {
  readonly attributes: { readonly enabled: boolean; readonly created: number; readonly updated: number };
}

/** Dependencies of the operations on certificates. */
export interface CertificateDependencies extends VaultDependencies {
  readonly pending: PendingStore;
}

/** Returns the policy of a certificate; undefined if it has neither a version nor a pending one. */
export function policyOf(key: ObjectKey, { objects, pending }: CertificateDependencies): StoredPolicy | undefined {
  const stored = objects.about(key).policy;
  if (isObject(stored)) return stored as unknown as StoredPolicy;
  const pendingCertificate = pending.find(key.vault, key.name);
  if (pendingCertificate === undefined) return undefined;
  return {
    ...pendingCertificate.policy,
    attributes: { enabled: true, created: pendingCertificate.created, updated: pendingCertificate.created },
  };
}

/** Stores the policy of a certificate that has a version. */
export function savePolicy(key: ObjectKey, policy: CertificatePolicy, deps: CertificateDependencies): void {
  const { objects, clock } = deps;
  const now = unixSeconds(clock);
  const created = policyOf(key, deps)?.attributes.created ?? now;
  const { key_props, secret_props, x509_props, lifetime_actions, issuer } = policy;
  const stored: StoredPolicy = {
    ...{ key_props, secret_props, x509_props, lifetime_actions, issuer },
    attributes: { enabled: true, created, updated: now },
  };
  objects.setAbout(key, { ...objects.about(key), policy: stored });
}

/** A policy on the wire. */
export const policyBody = (name: string, policy: StoredPolicy, vault: VaultRecord): JsonObject => ({
  id: `${idOf(vault, "certificate", name)}/policy`,
  ...policy,
});

/** Returns a pending certificate as a version: disabled, without a certificate. */
export const pendingVersion = ({ vault, name, version, tags, created }: Pending): ObjectVersion => ({
  vault,
  kind: "certificate",
  name,
  version,
  attributes: { enabled: false, created, updated: created },
  tags,
  managed: false,
  detail: {},
});

/** Certificates on the wire (REST reference, CertificateBundle and CertificateItem). */
export function certificateDefinition(deps: CertificateDependencies): ObjectDefinition {
  return {
    kind: "certificate",
    companions: ["key", "secret"],
    bundle(object, context) {
      const { vault } = context;
      const { x5t, cer } = object.detail as Partial<CertificateDetail>;
      const policy = policyOf(object, deps);
      const pendingCertificate = deps.pending.find(object.vault, object.name);
      return {
        id: objectId(object, vault, true),
        kid: idOf(vault, "key", object.name, object.version),
        sid: idOf(vault, "secret", object.name, object.version),
        x5t,
        cer,
        ...commonBody(object, context),
        policy: policy && policyBody(object.name, policy, vault),
        pending: pendingCertificate && { id: `${idOf(vault, "certificate", object.name)}/pending` },
      };
    },
    item(object, context, versioned) {
      const { x5t } = object.detail as Partial<CertificateDetail>;
      // Lists leave the recovery level out, and mostly the subject, as recorded.
      const {
        recoveryLevel: _level,
        recoverableDays: _days,
        ...attributes
      } = attributesBody(object.attributes, context);
      const id = objectId(object, context.vault, versioned);
      return { id, x5t, subject: "", ...commonBody(object, context), attributes };
    },
  };
}
