import { nameKey } from "../../azure/names";
import type { CertificateCache } from "../../certs/cache";
import type { Certificate } from "../../certs/certificate";
import type { CaCertificateRecord, Directory } from "./directory";

/** A verified certificate of a provisioning service, to which chains must lead. */
export interface Anchor {
  /** Its name in the provisioning service. */
  readonly name: string;
  readonly certificate: Certificate;
}

/** Cache of anchors by list; a directory returns the same list until it changes. */
const known = new WeakMap<readonly CaCertificateRecord[], readonly Anchor[]>();

/** Returns the verified certificates of a service. Parsed CA certificates are cached. */
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
