import type { Answer, Operation } from "../../kernel/call";
import { etagMatches } from "../../kernel/etag";
import type { Enrollment, EnrollmentKind } from "../enrollment";
import type { DpsParts } from "../parts";
import { wireRegistration } from "../registrations";
import { authorize } from "./authorize";
import { readEnrollment, wireEnrollment } from "./enrollmentBody";

/** How the two kinds of enrollment differ on the wire. */
const KINDS = {
  group: { path: "/enrollmentGroups/:id", name: "EnrollmentGroup" },
  individual: { path: "/enrollments/:id", name: "IndividualEnrollment" },
} as const;

function answer(service: string, enrollment: Enrollment, { registrations }: DpsParts): Answer {
  const registration = enrollment.kind === "individual" ? registrations.find(service, enrollment.id) : undefined;
  return {
    status: 200,
    headers: { etag: enrollment.etag },
    body: wireEnrollment(enrollment, registration && wireRegistration(registration)),
  };
}

/** `GET /enrollmentGroups/{id}`, `GET /enrollments/{registrationId}` */
export const getEnrollment =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: `${KINDS[kind].name}_Get`,
    method: "GET",
    path: KINDS[kind].path,
    handle(call) {
      const service = authorize(call, "readEnrollment", parts);
      const enrollment = parts.enrollments.find(service.key, kind, call.params.id ?? "");
      if (!enrollment) throw parts.fail("enrollmentNotFound", "Enrollment not found.");
      return answer(service.key, enrollment, parts);
    },
  });

/** `PUT`: creates without If-Match, replaces with it. */
export const putEnrollment =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: `${KINDS[kind].name}_CreateOrUpdate`,
    method: "PUT",
    path: KINDS[kind].path,
    handle(call) {
      const service = authorize(call, "writeEnrollment", parts);
      const { id = "" } = call.params;
      const ifMatch = call.headers["if-match"];
      return parts.store.transaction(() => {
        const known = parts.enrollments.find(service.key, kind, id);
        if (ifMatch === undefined && known) throw parts.fail("enrollmentExists", "Enrollment already exists.");
        if (ifMatch !== undefined) refuseStale(ifMatch, known, parts);
        const { settings, attestation } = readEnrollment(call.body, { kind, id, known }, service, parts);
        const other = kind === "group" && parts.enrollments.conflict(service.key, id, attestation);
        if (other) {
          throw parts.fail(
            "enrollmentExists",
            `Enrollment already exists: the signing certificate belongs to the enrollment group ${other.id}.`,
          );
        }
        return answer(service.key, parts.enrollments.save(service.key, kind, id, settings, attestation), parts);
      });
    },
  });

/** `DELETE`: If-Match may be left out. */
export const deleteEnrollment =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: `${KINDS[kind].name}_Delete`,
    method: "DELETE",
    path: KINDS[kind].path,
    handle(call) {
      const service = authorize(call, "writeEnrollment", parts);
      const { id = "" } = call.params;
      return parts.store.transaction(() => {
        const known = parts.enrollments.find(service.key, kind, id);
        refuseStale(call.headers["if-match"] ?? "*", known, parts);
        parts.enrollments.remove(service.key, kind, id);
        return { status: 204 };
      });
    },
  });

function refuseStale(ifMatch: string, known: Enrollment | undefined, { fail }: DpsParts): void {
  if (!known) throw fail("enrollmentNotFound", "Enrollment not found.");
  if (!etagMatches(ifMatch, known.etag)) {
    throw fail("precondition", "Precondition failed.", { reason: `If-Match is ${ifMatch}` });
  }
}
