import type { Certificate } from "../../../certs/certificate";
import { unixSeconds } from "../../kernel/clock";
import type { Ids } from "../../kernel/ids";
import { CURVES, type CurveName } from "../keys/curves";
import { generateEc, generateRsa, importMaterial, type KeyMaterial } from "../keys/keyMaterial";
import type { ObjectKey } from "../objects/objectVersion";
import type { WithObjects } from "../vaultDependencies";
import type { CertificateDependencies } from "./certificateDefinition";
import type { CertificatePolicy } from "./certificatePolicy";
import { complete } from "./completeCertificate";
import type { Pending } from "./pendingStore";
import { createPolicyRequest, createSelfSigned } from "./policyCertificate";

/** Generates a key by a policy. */
export function generateKey({ key_props }: CertificatePolicy): Promise<KeyMaterial> {
  const { kty, key_size: bits, crv } = key_props;
  return kty === "RSA" ? generateRsa(bits) : generateEc(CURVES[(crv ?? "P-256") as CurveName]);
}

/** Returns the key of a new version: the latest one's if the policy reuses it and it matches, else a generated key. */
export async function keyFor(
  key: ObjectKey,
  policy: CertificatePolicy,
  { objects }: WithObjects,
): Promise<KeyMaterial> {
  const { kty, key_size: bits, crv, reuse_key: reuse } = policy.key_props;
  const last = reuse ? objects.find({ ...key, kind: "key" }) : undefined;
  if (last !== undefined) {
    const material = importMaterial(objects.material(last));
    const size = material.privateKey.asymmetricKeyDetails?.modulusLength;
    if (kty === "RSA" ? size === bits : material.curve?.name === crv) return material;
  }
  return generateKey(policy);
}

/** Inputs of a new version. */
export interface VersionInputs extends Pick<Pending, "policy" | "attributes" | "tags"> {
  readonly material: KeyMaterial;
  /** When it is created; a missed renewal is backdated. */
  readonly at: Date;
}

/** A prepared version, in memory only. */
export interface NewVersion extends VersionInputs {
  readonly pending: Pending;
  /** The self-signed certificate; undefined for another issuer. */
  readonly certificate: Certificate | undefined;
}

/** Creates the certificate request of a new version, and the certificate if it is self-signed. */
export async function prepareVersion(key: ObjectKey, inputs: VersionInputs, ids: Ids): Promise<NewVersion> {
  const { material, at, ...settings } = inputs;
  const { policy } = settings;
  const isSelf = policy.issuer.name === "Self";
  const [version, requestId] = [ids.hex(16), ids.hex(16)];
  const serial = Buffer.from(isSelf ? ids.hex(16) : "", "hex");
  const csr = await createPolicyRequest(policy.x509_props, material);
  const pending: Pending = {
    ...settings,
    vault: key.vault,
    name: key.name,
    version,
    requestId,
    status: isSelf ? "completed" : "inProgress",
    cancellationRequested: false,
    csr: csr.toString("base64"),
    created: unixSeconds({ now: () => at }),
  };
  const certificate = isSelf ? await createSelfSigned(policy.x509_props, material, at, serial) : undefined;
  return { ...inputs, pending, certificate };
}

/** Adds the version if it is self-signed, and its pending operation. Call it inside a transaction. */
export function addVersion(key: ObjectKey, prepared: NewVersion, deps: CertificateDependencies): void {
  const { material, pending, certificate } = prepared;
  if (certificate !== undefined) complete(key, { ...pending, chain: [certificate], material }, deps);
  deps.pending.save(pending, certificate === undefined ? material : undefined);
}
