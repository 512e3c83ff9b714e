import type { Certificate } from "../../../certs/certificate";
import { DAY_MS } from "../../../certs/clock";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import type { KeyMaterial } from "../keys/keyMaterial";
import type { Imported } from "./certificateContent";
import { type CertificatePolicy, type ContentType, readPolicy, type X509Properties } from "./certificatePolicy";

/** Average milliseconds of a month. */
const MONTH = 30.4375 * DAY_MS;

/** Returns the alternative names that a policy supports: DNS names and email addresses. */
function sansOf({ subjectAltName = "" }: Certificate): X509Properties["sans"] {
  const named = (kind: string): string[] =>
    subjectAltName
      .split(", ")
      .filter((entry) => entry.startsWith(`${kind}:`))
      .map((entry) => entry.slice(kind.length + 1))
      .filter((name) => /^[\x21-\x7e]+$/.test(name) && !name.includes('"'));
  const [dns, emails] = [named("DNS"), named("email")];
  if (dns.length + emails.length === 0) return undefined;
  return { ...(dns.length > 0 ? { dns_names: dns } : {}), ...(emails.length > 0 ? { emails } : {}) };
}

/** Returns the policy that describes a certificate and its key. */
function policyFrom(leaf: Certificate, material: KeyMaterial, contentType: ContentType): CertificatePolicy {
  const { extensions, notBefore, notAfter } = leaf;
  const months = Math.round((notAfter.getTime() - notBefore.getTime()) / MONTH);
  const { isCa, pathLength, extendedKeyUsage = [], keyUsage = [] } = extensions;
  return {
    key_props: keyProperties(material, { exportable: true, reuse_key: false }),
    secret_props: { contentType },
    x509_props: {
      // A state is S= in Windows' names.
      subject: leaf.subject.replace(/(^|, ?)ST=/g, "$1S="),
      sans: sansOf(leaf),
      ekus: extendedKeyUsage,
      key_usage: keyUsage,
      validity_months: Math.min(1200, Math.max(1, months)),
      basic_constraints: { ca: isCa, path_len_constraint: isCa ? pathLength : undefined },
    },
    lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: "AutoRenew" } }],
    issuer: { name: "Unknown" },
  };
}

function keyProperties(
  { privateKey, curve }: KeyMaterial,
  flags: { readonly exportable: boolean; readonly reuse_key: boolean },
): CertificatePolicy["key_props"] {
  if (curve !== undefined) return { ...flags, kty: "EC", key_size: curve.bits, crv: curve.name };
  return { ...flags, kty: "RSA", key_size: privateKey.asymmetricKeyDetails?.modulusLength ?? 0 };
}

/**
 * Returns the policy of an imported certificate: its own properties, overridden by the body's policy. The key's properties
 * cannot be overridden. Throws 400 BadParameter.
 */
export function importPolicy(
  value: unknown,
  { chain, material, contentType }: Imported,
  vault: VaultRecord,
): CertificatePolicy {
  const current = policyFrom(chain[0], material, contentType);
  // A certificate may have no subject; this name only satisfies the policy's rule.
  const subject = current.x509_props.subject || "CN=imported";
  const policy = readPolicy(value, vault, { ...current, x509_props: { ...current.x509_props, subject } });
  return {
    ...policy,
    key_props: keyProperties(material, policy.key_props),
    x509_props: { ...policy.x509_props, subject: current.x509_props.subject },
  };
}
