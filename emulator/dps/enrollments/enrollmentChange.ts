import type { ProvisioningServiceRecord } from "../../kernel/directory";
import { etagMatches } from "../../kernel/etag";
import type { DpsDependencies } from "../dpsDependencies";
import { dpsError, noEnrollment } from "../dpsErrors";
import { checkQuota } from "../dpsLimits";
import { readEnrollment } from "./enrollmentBody";
import type { Attestation, Enrollment, EnrollmentKind } from "./enrollmentRecord";

/** The enrollment to change. */
export interface Target {
  readonly service: ProvisioningServiceRecord;
  readonly kind: EnrollmentKind;
  readonly id: string;
}

function refuseStale(ifMatch: string, known: Enrollment | undefined): void {
  if (!known) throw noEnrollment();
  if (!etagMatches(ifMatch, known.etag)) {
    throw dpsError("precondition", "Precondition failed.", { reason: `If-Match is ${ifMatch}` });
  }
}

const kindOf = ({ by }: Attestation): "x509" | "symmetricKey" => (by === "symmetricKey" ? by : "x509");

function refuseTooMany(
  { service, kind }: Target,
  known: Enrollment | undefined,
  attestation: Attestation,
  deps: DpsDependencies,
): void {
  const { enrollments, limits } = deps;
  if (kind === "individual") {
    if (known) return;
    const count = () => enrollments.count(service.key, "individual");
    checkQuota(limits.individualEnrollments, "individual enrollments", count, deps);
    return;
  }
  const attestationKind = kindOf(attestation);
  if (known && kindOf(known.attestation) === attestationKind) return;
  const label = attestationKind === "x509" ? "X.509" : "symmetric key";
  const count = () => enrollments.countGroups(service.key)[attestationKind];
  checkQuota(limits.groups, `${label} enrollment groups`, count, deps);
}

/** Creates without If-Match, replaces with it. Call it inside a transaction. Throws 400004, 403001, 404201, 409201, 409202 or 412. */
export function saveEnrollment(
  { service, kind, id }: Target,
  body: unknown,
  ifMatch: string | undefined,
  deps: DpsDependencies,
): Enrollment {
  const known = deps.enrollments.find(service.key, kind, id);
  if (ifMatch === undefined && known) {
    throw kind === "group"
      ? dpsError("groupExists", "EnrollmentGroup already exists.")
      : dpsError("enrollmentExists", "Enrollment already exists.");
  }
  if (ifMatch !== undefined) refuseStale(ifMatch, known);
  const draft = readEnrollment(body, { kind, id, known }, service, deps);
  const { attestation } = draft;
  const other = kind === "group" && deps.enrollments.conflict(service.key, id, attestation);
  if (other) {
    throw dpsError(
      "enrollmentExists",
      `Enrollment already exists: the signing certificate belongs to the enrollment group ${other.id}.`,
    );
  }
  refuseTooMany({ service, kind, id }, known, attestation, deps);
  return deps.enrollments.save(service.key, kind, id, draft);
}

/** Removes an enrollment if the ETag matches. Call it inside a transaction. Throws 404201 or 412. */
export function removeEnrollment({ service, kind, id }: Target, ifMatch: string, deps: DpsDependencies): void {
  refuseStale(ifMatch, deps.enrollments.find(service.key, kind, id));
  deps.enrollments.remove(service.key, kind, id);
}
