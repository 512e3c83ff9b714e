import { describeKey, findAlgorithmOf, isKeyAlgorithmName, KEY_ALGORITHM_NAMES, KEY_ALGORITHMS } from "./algorithms";
import type { Certificate } from "./certificate";
import { couldIssue, isSignedBy, verifyPath } from "./chain";
import { DAY_MS } from "./clock";
import { PURPOSE_OIDS } from "./extensions";
import { commonNameError } from "./names";
import { PROFILES, type Profile, type ProfileName } from "./profiles";
import { hasExplicitCurve } from "./publicKey";
import { isRegistrationId, REGISTRATION_ID_RULE } from "./registrationId";
import { MAX_SERIAL_BYTES } from "./serial";

/** The subject of a finding. Stable: callers may switch on it. */
export type LintCode =
  | "commonName"
  | "registrationId"
  | "version"
  | "serialNumber"
  | "keyAlgorithm"
  | "signatureAlgorithm"
  | "basicConstraints"
  | "pathLength"
  | "keyUsage"
  | "extendedKeyUsage"
  | "keyIdentifier"
  | "lifetime"
  | "expired"
  | "notYetValid"
  | "expiresSoon"
  | "issuer"
  | "chain"
  | "nesting";

/** One error or warning about a certificate, in terms a user can act on. */
export interface LintFinding {
  readonly code: LintCode;
  /** `error`: Azure or a peer will refuse it; `warning`: it works now. */
  readonly severity: "error" | "warning";
  /** The field, such as `subject.commonName`. */
  readonly field: string;
  /** The field's value. */
  readonly value: string;
  /** What the value should be, and the source of that rule. */
  readonly rule: string;
  /** The remedy. */
  readonly remedy: string;
}

/** What a certificate is judged against. */
export interface LintContext {
  /** The moment to judge at. */
  readonly at: Date;
  /** Its issuer's certificate, where it is known: adds the checks of nesting and key identifiers. */
  readonly issuer?: Certificate;
  /** A warning is given this many days before the end; default 30. */
  readonly expiryWarningDays?: number;
}

/** A certificate that is yet to be issued, as far as it is declared. */
export interface CertificatePlan {
  readonly commonName: string;
  /** Days of 86,400 s; default: the profile's. */
  readonly lifetimeDays?: number;
  /** A name from configuration, not yet checked. */
  readonly keyAlgorithm?: string;
  /** For a CA: path length asked for. */
  readonly pathLength?: number;
}

type Note = (
  code: LintCode,
  field: string,
  value: string | number,
  rule: string,
  remedy: string,
  severity?: LintFinding["severity"],
) => void;

function collect(run: (note: Note) => void): LintFinding[] {
  const findings: LintFinding[] = [];
  run((code, field, value, rule, remedy, severity = "error") => {
    findings.push({ code, severity, field, value: String(value), rule, remedy });
  });
  return findings;
}

function lintName(commonName: string | undefined, profile: Profile, note: Note): void {
  const field = "subject.commonName";
  if (commonName === undefined) {
    note(
      "commonName",
      field,
      "(none, or several)",
      "a certificate has exactly one common name",
      "issue it with one CN",
    );
    return;
  }
  const error = commonNameError(commonName);
  if (error !== undefined) note("commonName", field, commonName, error, "choose another common name");
  else if (profile.name === "device" && !isRegistrationId(commonName)) {
    const remedy = "the common name of a device is its registration ID: choose another";
    note("registrationId", field, commonName, REGISTRATION_ID_RULE.rule, remedy);
  }
}

function lintConstraints({ extensions }: Certificate, profile: Profile, note: Note): void {
  const kind = `a ${profile.name} certificate`;
  if (extensions.isCa !== profile.isCa) {
    const rule = `${kind} has CA:${profile.isCa ? "TRUE" : "FALSE"} (RFC 5280, 4.2.1.9)`;
    note("basicConstraints", "basicConstraints.cA", String(extensions.isCa), rule, `issue it as ${kind}`);
  }
  const usage = extensions.keyUsage;
  const missing = usage === undefined ? [] : profile.keyUsage.filter((wanted) => !usage.includes(wanted));
  if (missing.length > 0) {
    const rule = `${kind} has the key usage ${profile.keyUsage.join(", ")} (RFC 5280, 4.2.1.3)`;
    // Without cRLSign a CA cannot sign CRLs, which Azure does not read anyway.
    const severity = missing.every((wanted) => wanted === "cRLSign") ? "warning" : "error";
    note("keyUsage", "keyUsage", usage?.join(", ") ?? "", rule, `add ${missing.join(", ")}`, severity);
  }
  const purposes = extensions.extendedKeyUsage;
  if (purposes?.includes(PURPOSE_OIDS.any)) return;
  for (const purpose of profile.purposes) {
    if (purposes?.includes(PURPOSE_OIDS[purpose])) continue;
    const rule = `${kind} has the extended key usage ${purpose} (RFC 5280, 4.2.1.12)`;
    // Without the extension every purpose is allowed; with it, only those named.
    const severity = purposes === undefined ? "warning" : "error";
    note("extendedKeyUsage", "extendedKeyUsage", purposes?.join(", ") ?? "(absent)", rule, `add ${purpose}`, severity);
  }
}

function lintIdentity(certificate: Certificate, note: Note): void {
  const { version, serialNumber, signatureOid, spki, readablePublicKey: key, extensions } = certificate;
  if (version !== 3)
    note("version", "version", version, "extensions need version 3 (RFC 5280, 4.1.2.1)", "issue it again");
  // A set top bit in the magnitude costs a sign byte in the DER form.
  const bytes = serialNumber.length / 2 + (/^[89A-F]/.test(serialNumber) && !certificate.isSerialNegative ? 1 : 0);
  if (/^0*$/.test(serialNumber) || bytes > MAX_SERIAL_BYTES || certificate.isSerialNegative) {
    const rule = `positive, at most ${MAX_SERIAL_BYTES} bytes (RFC 5280, 4.1.2.2)`;
    note("serialNumber", "serialNumber", serialNumber, rule, "issue it with a random serial number");
  } else if (bytes < UNGUESSABLE_BYTES && !certificate.isSelfIssued) {
    const rule = `${UNGUESSABLE_BYTES} random bytes or more (CA/Browser Forum, 7.1), which cannot be predicted`;
    note("serialNumber", "serialNumber", serialNumber, rule, "issue it with a random serial number", "warning");
  }
  if (key === undefined || findAlgorithmOf(key) === undefined) {
    const rule = `one of ${KEY_ALGORITHM_NAMES.join(", ")}`;
    note("keyAlgorithm", "subjectPublicKeyInfo", describeKey(key), rule, "make a key of one of these kinds");
  } else if (hasExplicitCurve(spki)) {
    const rule = "the curve is named, and not written out as parameters (RFC 5480, 2.1.1)";
    note("keyAlgorithm", "subjectPublicKeyInfo", "explicit curve", rule, "make a key on a named curve");
  }
  const weak = WEAK_SIGNATURES[signatureOid];
  if (weak !== undefined) {
    // No client checks the signature of a trust anchor.
    const severity = certificate.isSelfIssued ? "warning" : "error";
    const rule = "SHA-256 or longer: TLS stacks of today refuse MD5 and SHA-1 (RFC 9155)";
    note("signatureAlgorithm", "signatureAlgorithm", weak, rule, "issue it again", severity);
  } else if (!Object.values(KEY_ALGORITHMS).some((entry) => entry.signatureOid === signatureOid)) {
    const rule = "RSA PKCS#1 v1.5 or ECDSA with SHA-256 or SHA-384, as this toolkit issues";
    note("signatureAlgorithm", "signatureAlgorithm", signatureOid, rule, "issue it with such a signature", "warning");
  }
  if (!certificate.isSelfIssued && extensions.authorityKeyIdentifier === undefined) {
    const rule =
      "a certificate names its issuer's key (RFC 5280, 4.2.1.1), to distinguish a renewed CA from the old one";
    note("keyIdentifier", "authorityKeyIdentifier", "(absent)", rule, "issue it again with one", "warning");
  }
  if (extensions.isCa && extensions.subjectKeyIdentifier === undefined) {
    const rule = "a CA certificate has a subject key identifier (RFC 5280, 4.2.1.2)";
    note(
      "keyIdentifier",
      "subjectKeyIdentifier",
      "(absent)",
      rule,
      "issue the CA certificate again with one",
      "warning",
    );
  }
}

/** Signatures that are no longer trusted, by OID. */
const WEAK_SIGNATURES: Readonly<Record<string, string>> = Object.freeze({
  "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
  "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
  "1.2.840.10045.4.1": "ecdsa-with-SHA1",
});

/** 64 bits, as the CA/Browser Forum asks. */
const UNGUESSABLE_BYTES = 8;

function lintTimes({ notBefore, notAfter }: Certificate, context: LintContext, note: Note): void {
  const { at, expiryWarningDays = 30 } = context;
  if (at > notAfter) {
    note("expired", "notAfter", notAfter.toISOString(), `in the future of ${at.toISOString()}`, "renew it");
  } else if (notAfter.getTime() - at.getTime() < expiryWarningDays * DAY_MS) {
    const rule = `more than ${expiryWarningDays} days ahead`;
    note("expiresSoon", "notAfter", notAfter.toISOString(), rule, "renew it before then", "warning");
  }
  if (at < notBefore) {
    const rule = `not after ${at.toISOString()}`;
    note("notYetValid", "notBefore", notBefore.toISOString(), rule, "check the clocks, or wait");
  }
}

function lintIssuer(certificate: Certificate, profile: Profile, issuer: Certificate, note: Note): void {
  const [named, offered] = [certificate.extensions.authorityKeyIdentifier, issuer.extensions.subjectKeyIdentifier];
  if (certificate.issuerKey === issuer.subjectKey && !couldIssue(issuer, certificate)) {
    const rule = `${offered}, the subject key identifier of ${issuer.subject}`;
    const remedy = "the CA was renewed with another key: give its other certificate";
    note("keyIdentifier", "authorityKeyIdentifier", String(named), rule, remedy);
    return;
  }
  if (!couldIssue(issuer, certificate) || !isSignedBy(certificate, issuer)) {
    const rule = `issued and signed by ${issuer.subject}`;
    note("issuer", "issuer", certificate.issuer, rule, "give the certificate of its real issuer");
    return;
  }
  const room = issuer.extensions.pathLength;
  if (profile.isCa && room === 0 && !certificate.equals(issuer)) {
    const rule = `no CA below ${issuer.subject}, which has path length 0 (RFC 5280, 4.2.1.9)`;
    note("pathLength", "basicConstraints", certificate.subject, rule, "issue it from a CA with a longer path length");
  }
  if (certificate.notAfter > issuer.notAfter || certificate.notBefore < issuer.notBefore) {
    const value = `${certificate.notBefore.toISOString()} – ${certificate.notAfter.toISOString()}`;
    const rule = `within the issuer's ${issuer.notBefore.toISOString()} – ${issuer.notAfter.toISOString()}`;
    note("nesting", "validity", value, rule, "shorten it, or renew the issuer", "warning");
  }
}

/** All findings about a certificate against the profile it is meant for; an empty list when there are none. Never throws. */
export function lintCertificate(
  certificate: Certificate,
  profileName: ProfileName,
  context: LintContext,
): LintFinding[] {
  const profile = PROFILES[profileName];
  return collect((note) => {
    lintName(certificate.commonName, profile, note);
    lintIdentity(certificate, note);
    lintConstraints(certificate, profile, note);
    lintTimes(certificate, context, note);
    if (context.issuer !== undefined) lintIssuer(certificate, profile, context.issuer, note);
  });
}

/** Whether a certificate leads to one of the `trusted` CAs, such as those verified in Azure, over the `presented` ones. */
export function lintPath(
  leaf: Certificate,
  presented: readonly Certificate[],
  trusted: readonly Certificate[],
  at: Date,
): LintFinding[] {
  const result = verifyPath(leaf, presented, trusted, { at, purpose: "any" });
  return collect((note) => {
    if (result.ok) return;
    const rule = `a path to ${trusted.map(({ subject }) => subject).join(" or ")}; ${result.message}`;
    note("chain", "issuer", leaf.issuer, rule, "present every CA in between, and verify the root in Azure");
  });
}

/** All findings about a certificate that is only declared: what a preview can know before any key exists. */
export function lintPlan(plan: CertificatePlan, profileName: ProfileName, context: LintContext): LintFinding[] {
  const profile = PROFILES[profileName];
  const { lifetimeDays = profile.lifetimeDays, keyAlgorithm, pathLength } = plan;
  return collect((note) => {
    lintName(plan.commonName, profile, note);
    if (keyAlgorithm !== undefined && !isKeyAlgorithmName(keyAlgorithm)) {
      const rule = `one of ${KEY_ALGORITHM_NAMES.join(", ")}`;
      note("keyAlgorithm", "keyAlgorithm", keyAlgorithm, rule, "choose one of these");
    }
    if (pathLength !== undefined && !(profile.isCa && Number.isInteger(pathLength) && pathLength >= 0)) {
      const rule = "a whole number from 0, for a CA only (RFC 5280, 4.2.1.9)";
      note("pathLength", "pathLength", pathLength, rule, "correct it or leave it out");
    }
    if (!(lifetimeDays > 0)) {
      note("lifetime", "lifetimeDays", lifetimeDays, "a positive number of days", "correct it or leave it out");
      return;
    }
    const issuer = context.issuer;
    if (issuer === undefined) return;
    if (context.at > issuer.notAfter) {
      const rule = `an issuer valid at ${context.at.toISOString()}`;
      note("expired", "issuer.notAfter", issuer.notAfter.toISOString(), rule, "renew the issuer first");
    } else if (context.at.getTime() + lifetimeDays * DAY_MS > issuer.notAfter.getTime()) {
      const rule = `ends by the issuer's ${issuer.notAfter.toISOString()}`;
      note("nesting", "lifetimeDays", lifetimeDays, rule, "it will be cut: shorten it, or renew the issuer", "warning");
    }
  });
}
