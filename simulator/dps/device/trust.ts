import { nameKey } from "../../../azure/names";
import type { CertificateCache } from "../../../certs/cache";
import { Certificate } from "../../../certs/certificate";
import type { Directory } from "../../kernel/directory";

/** A verified certificate of a provisioning service: what chains must lead to. */
export interface Anchor {
  /** As the service's owner named it. */
  readonly name: string;
  readonly certificate: Certificate;
}

/** The verified certificates of a service. CA certificates are read once and kept. */
export function anchorsOf(service: string, directory: Directory, cas: CertificateCache): readonly Anchor[] {
  return directory
    .certificates(service)
    .filter(({ isVerified }) => isVerified)
    .map(({ name, der }) => ({ name, certificate: cas.read(der) }));
}

/** The anchors that CA references name. */
export function anchorsNamed(anchors: readonly Anchor[], names: readonly string[]): readonly Anchor[] {
  const wanted = new Set(names.map((name) => nameKey("dpsCertificate", name)));
  return anchors.filter(({ name }) => wanted.has(nameKey("dpsCertificate", name)));
}

/** Leaves read once a connection: the buffers of a connection's chain are always the same ones. */
const leaves = new WeakMap<Buffer, Certificate>();

/** Reads a device's own certificate. Throws `malformed`. */
export function readLeaf(der: Buffer): Certificate {
  const known = leaves.get(der);
  if (known) return known;
  const leaf = new Certificate(der);
  leaves.set(der, leaf);
  return leaf;
}
