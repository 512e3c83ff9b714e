import { nameKey } from "../../../azure/names";
import type {
  AttestationMechanism,
  CertificateInfo,
  CertificateWithInfo,
  PrimarySecondary,
  X509Attestation,
} from "../../../azure/wire/dpsEnrollment";
import { type Certificate, readCertificate } from "../../../certs/certificate";
import type { CaCertificateRecord } from "../../kernel/directory";
import {
  type Attestation,
  certificateInfo,
  certificatesOf,
  type Enrollment,
  type EnrollmentKind,
  type StoredCertificate,
} from "../enrollments/enrollmentRecord";
import { isAbsent, shown } from "../requestJson";
import { type KeyContext, readKeys, readTpm } from "./readDeviceKeys";

/** Context for validating an attestation. */
export interface AttestationContext extends KeyContext {
  readonly kind: EnrollmentKind;
  /** The current enrollment: its certificates stay if a client sends only their info. */
  readonly known: Enrollment | undefined;
  readonly caCertificates: readonly CaCertificateRecord[];
  readonly at: Date;
}

const MEMBERS = ["clientCertificates", "signingCertificates", "caReferences"] as const;
const ALLOWED: Readonly<Record<EnrollmentKind, readonly string[]>> = {
  group: ["signingCertificates", "caReferences"],
  individual: ["clientCertificates", "caReferences"],
};

/** A leaf may have any version and name: the device is judged when it registers. */
function judge(certificate: Certificate, where: string, { kind, at, addError }: AttestationContext): void {
  if (kind === "group" && certificate.version !== 3) {
    addError(`${where} is an X.509 certificate of version ${certificate.version}, not 3`);
  }
  if (certificate.notAfter < at) addError(`${where} expired at ${certificate.notAfter.toISOString()}`);
}

/** Returns the stored certificate that a client's `info` describes. */
function storedBy(info: Partial<CertificateInfo>, known: Enrollment | undefined): StoredCertificate | undefined {
  const same = (a: unknown, b: string): boolean => typeof a === "string" && a.toUpperCase() === b;
  return certificatesOf(known?.attestation ?? { by: "signingCertificates" }).find((stored) =>
    isAbsent(info.sha256Thumbprint)
      ? same(info.sha1Thumbprint, stored.info.sha1Thumbprint)
      : same(info.sha256Thumbprint, stored.info.sha256Thumbprint),
  );
}

function readMember(
  given: CertificateWithInfo | undefined,
  where: string,
  context: AttestationContext,
): StoredCertificate | undefined {
  if (isAbsent(given) || Object.values(given).every(isAbsent)) return undefined;
  if (!isAbsent(given.certificate)) {
    try {
      const certificate = readCertificate(given.certificate);
      judge(certificate, where, context);
      return { info: certificateInfo(certificate), der: certificate.raw.toString("base64") };
    } catch (error) {
      context.addError(`${where} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
  if (isAbsent(given.info)) {
    context.addError(`${where} has no certificate: PEM, or base64 of PEM or DER`);
    return undefined;
  }
  const stored = storedBy(given.info, context.known);
  if (!stored) context.addError(`${where} has info only, and no certificate of that thumbprint is stored`);
  return stored;
}

function readReference(given: string | undefined, where: string, context: AttestationContext): string | undefined {
  if (isAbsent(given)) return undefined;
  const key = nameKey("dpsCertificate", given);
  const isThere = context.caCertificates.some(({ name }) => nameKey("dpsCertificate", name) === key);
  // It may be verified later; until then no device registers.
  if (!isThere) context.addError(`${where}: the provisioning service has no certificate ${shown(given)}`);
  return given;
}

function readBoth<T, R>(
  given: PrimarySecondary<R>,
  where: string,
  context: AttestationContext,
  read: (given: R | undefined, where: string, context: AttestationContext) => T | undefined,
): PrimarySecondary<T> {
  const primary = read(given.primary, `${where}.primary`, context);
  const secondary = read(given.secondary, `${where}.secondary`, context);
  if (isAbsent(given.primary) && isAbsent(given.secondary))
    context.addError(`${where} has neither primary nor secondary`);
  return { primary, secondary };
}

function readX509(x509: X509Attestation, context: AttestationContext): Attestation | undefined {
  const where = "attestation.x509";
  const members = MEMBERS.filter((name) => !isAbsent(x509[name]));
  const allowed = ALLOWED[context.kind];
  const [by] = members;
  if (by === undefined || members.length > 1 || !allowed.includes(by)) {
    const what = members.length === 0 ? "none of them" : members.join(" and ");
    const owner = context.kind === "group" ? "a group" : "an individual enrollment";
    context.addError(`${where} of ${owner} has exactly one of ${allowed.join(" and ")}; here is ${what}`);
    return undefined;
  }
  return by === "caReferences"
    ? { by, ...readBoth(x509[by] ?? {}, `${where}.${by}`, context, readReference) }
    : { by, ...readBoth(x509[by] ?? {}, `${where}.${by}`, context, readMember) };
}

/** Reads an attestation. Collects validation errors in the context; throws for what is not emulated. */
export function readAttestation(given: AttestationMechanism, context: AttestationContext): Attestation | undefined {
  const { type } = given;
  const others = (["tpm", "symmetricKey", "x509"] as const).filter((name) => name !== type && !isAbsent(given[name]));
  if (type === "tpm" && context.kind === "group") context.addError("a group cannot be attested by tpm");
  if (others.length > 0) context.addError(`attestation of type ${shown(type)} has ${others.join(" and ")} besides`);
  if (type === "tpm") return context.kind === "group" ? undefined : readTpm(given.tpm, context);
  return type === "symmetricKey" ? readKeys(given.symmetricKey, context) : readX509(given.x509 ?? {}, context);
}
