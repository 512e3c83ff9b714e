import { nameKey } from "../../../azure/names";
import type { CertificateCache } from "../../../certs/cache";
import { Certificate } from "../../../certs/certificate";
import type { CaCertificateRecord, Directory } from "../../kernel/directory";

/** A verified certificate of a provisioning service: what chains must lead to. */
export interface Anchor {
  /** As the service's owner named it. */
  readonly name: string;
  readonly certificate: Certificate;
}

/** The anchors of a list of certificates; a directory gives the same list until something changes in it. */
const known = new WeakMap<readonly CaCertificateRecord[], readonly Anchor[]>();

/** The verified certificates of a service. CA certificates are read once and kept. */
export function anchorsOf(service: string, directory: Directory, cas: CertificateCache): readonly Anchor[] {
  const certificates = directory.certificates(service);
  let anchors = known.get(certificates);
  if (!anchors) {
    anchors = certificates
      .filter(({ isVerified }) => isVerified)
      .map(({ name, der }) => ({ name, certificate: cas.read(der) }));
    known.set(certificates, anchors);
  }
  return anchors;
}

/** The anchors that CA references name. */
export function anchorsNamed(anchors: readonly Anchor[], names: readonly string[]): readonly Anchor[] {
  const matchingItems = new Set(names.map((name) => nameKey("dpsCertificate", name)));
  return anchors.filter(({ name }) => matchingItems.has(nameKey("dpsCertificate", name)));
}

/** Leaves read once a connection: the buffers of a connection's chain are always the same ones. */
const leaves = new WeakMap<Buffer, Certificate>();

/** Reads a device's own certificate, which TLS has read before. Throws `malformed`. */
export function readLeaf(der: Buffer): Certificate {
  const seen = leaves.get(der);
  if (seen) return seen;
  const leaf = Certificate.presented(der);
  leaves.set(der, leaf);
  return leaf;
}
