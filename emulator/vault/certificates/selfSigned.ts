import { unixSeconds } from "../../kernel/clock";
import { CURVES, type CurveName } from "../keys/curves";
import { generateEc, generateRsa, importMaterial, type KeyMaterial } from "../keys/keyMaterial";
import type { AskedAttributes, Tags } from "../objects/objectAttributes";
import type { ObjectKey, ObjectVersion } from "../objects/objectVersion";
import type { VaultDependencies } from "../vaultDependencies";
import type { CertificateDependencies } from "./certificateDefinition";
import type { CertificatePolicy } from "./certificatePolicy";
import { complete } from "./completeCertificate";
import type { Pending } from "./pendingStore";
import { requestCertificate, selfSign } from "./x509";

/** A new key as a policy asks for it. */
export function newKey({ key_props }: CertificatePolicy): Promise<KeyMaterial> {
  const { kty, key_size: bits, crv } = key_props;
  return kty === "RSA" ? generateRsa(bits) : generateEc(CURVES[(crv ?? "P-256") as CurveName]);
}

/** The key that a new version gets: the last one's where the policy says so and it fits, else a new one. */
export async function keyFor(
  key: ObjectKey,
  policy: CertificatePolicy,
  { objects }: Pick<VaultDependencies, "objects">,
): Promise<KeyMaterial> {
  const { kty, key_size: bits, crv, reuse_key: reuse } = policy.key_props;
  const last = reuse ? objects.find({ ...key, kind: "key" }) : undefined;
  if (last !== undefined) {
    const material = importMaterial(objects.material(last));
    const size = material.privateKey.asymmetricKeyDetails?.modulusLength;
    if (kty === "RSA" ? size === bits : material.curve?.name === crv) return material;
  }
  return newKey(policy);
}

/** What a version of a certificate is made by. */
export interface Wanted {
  readonly policy: CertificatePolicy;
  readonly attributes: AskedAttributes;
  readonly tags: Tags | undefined;
  readonly material: KeyMaterial;
  /** When it is made; a renewal that nobody saw is dated back. */
  readonly at: Date;
}

/** The making of a version: its request, with ids of its own. Kept nowhere yet. */
export function begun(key: ObjectKey, wanted: Wanted, { ids }: Pick<VaultDependencies, "ids">): Pending {
  const { policy, attributes, tags, material, at } = wanted;
  return {
    vault: key.vault,
    name: key.name,
    version: ids.hex(16),
    requestId: ids.hex(16),
    status: policy.issuer.name === "Self" ? "completed" : "inProgress",
    cancellationRequested: false,
    csr: requestCertificate(policy.x509_props, material).toString("base64"),
    policy,
    attributes,
    ...(tags ? { tags } : {}),
    created: unixSeconds({ now: () => at }),
  };
}

/** Adds the version that signs itself; to be called inside of a transaction. */
export function addSelfSigned(
  key: ObjectKey,
  making: Pending,
  { policy, attributes, tags, material, at }: Wanted,
  deps: CertificateDependencies,
): ObjectVersion {
  const certificate = selfSign(policy.x509_props, material, at, Buffer.from(deps.ids.hex(16), "hex"));
  const { version, created } = making;
  return complete(key, { version, policy, attributes, tags, chain: [certificate], material, created }, deps);
}
