/** Judges the certificates that enrollments declare, in previews, by the same lint as everything that is issued. */
import type { Certificate } from "../../../certs/certificate";
import type { LintContext, LintFinding } from "../../../certs/lint";

/** Loaded at need: an enrollment by a reference to a CA does not wait for it. */
const lint = () => require("../../../certs/lint") as typeof import("../../../certs/lint");
const reader = () => require("../../../certs/certificate") as typeof import("../../../certs/certificate");

/** The findings about a declared certificate: `errors` refuse it, `warnings` are logged. One sentence each. */
export interface CertificateFindings {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

const sentence = ({ field, value, rule, remedy }: LintFinding): string =>
  `${field} is ${value}, and the rule is: ${rule}. To fix: ${remedy}`;

function sorted(findings: readonly LintFinding[]): CertificateFindings {
  const of = (severity: LintFinding["severity"]) => findings.filter((each) => each.severity === severity).map(sentence);
  return { errors: of("error"), warnings: of("warning") };
}

/** The first certificate of PEM text; undefined where there is none that can be read. */
function firstOf(pem: string): Certificate | undefined {
  try {
    return reader().readCertificates(pem)[0];
  } catch {
    return undefined;
  }
}

const UNREADABLE: CertificateFindings = {
  errors: ["the PEM text holds no certificate that can be read"],
  warnings: [],
};

/** Findings in a signing certificate of a group: a root, or an intermediate. */
export function signingFindings(pem: string, trusted: string | undefined, now: Date): CertificateFindings {
  const certificate = firstOf(pem);
  if (!certificate) return UNREADABLE;
  if (!certificate.extensions.isCa) {
    return { errors: ["must be a CA certificate (root or intermediate), not a device's own"], warnings: [] };
  }
  const profile = certificate.isSelfIssued ? "root" : "intermediate";
  return sorted(lint().lintCertificate(certificate, profile, contextOf(certificate, knownOf(trusted), now)));
}

/**
 * Findings in a device's own certificate. Without the registration ID its common name is compared with nothing. `trusted`
 * is PEM of the CAs that are known to be verified, and of intermediates below them: one that does not lead there gets a warning,
 * and no error, for others may verify CAs, too.
 */
export function deviceFindings(
  pem: string,
  registrationId: string | undefined,
  trusted: string | undefined,
  now: Date,
): CertificateFindings {
  const certificate = firstOf(pem);
  if (!certificate) return UNREADABLE;
  const known = knownOf(trusted);
  const name = certificate.commonName;
  const isOther = registrationId !== undefined && name?.toLowerCase() !== registrationId.toLowerCase();
  const judged = lint()
    .lintCertificate(certificate, "device", contextOf(certificate, known, now))
    // Said in words of its own below.
    .filter(({ code }) => !(isOther && (code === "commonName" || code === "registrationId")))
    // `openssl req -x509` makes a device's self-signed certificate a CA's, and the service takes it by its thumbprint.
    .map((each) => (each.code === "basicConstraints" && certificate.isSelfIssued ? asWarning(each) : each));
  const { errors, warnings } = sorted([
    ...judged,
    ...(trusted === undefined ? [] : pathFindings(certificate, known, now)),
  ]);
  const wrongName = `the certificate's common name is "${name ?? ""}", and must be the registration ID "${registrationId}"`;
  return { errors: isOther ? [wrongName, ...errors] : errors, warnings };
}

const asWarning = (finding: LintFinding): LintFinding => ({ ...finding, severity: "warning" });

const knownOf = (trusted: string | undefined): readonly Certificate[] =>
  trusted === undefined ? [] : reader().readCertificates(trusted);

/** With its issuer, where that is known, a certificate is judged further: path length, and validity within the issuer's. */
function contextOf(certificate: Certificate, known: readonly Certificate[], at: Date): LintContext {
  const { isSignedBy } = require("../../../certs/chain") as typeof import("../../../certs/chain");
  const issuer = known.find((each) => each.subjectKey === certificate.issuerKey && isSignedBy(certificate, each));
  return issuer === undefined ? { at } : { at, issuer };
}

function pathFindings(certificate: Certificate, known: readonly Certificate[], now: Date): LintFinding[] {
  const roots = known.filter(({ isSelfIssued }) => isSelfIssued);
  const above = known.filter(({ isSelfIssued }) => !isSelfIssued);
  return lint().lintPath(certificate, above, roots, now).map(asWarning);
}
