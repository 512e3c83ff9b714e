import type { Answer, Operation } from "../../kernel/call";
import type { Enrollment, EnrollmentKind } from "../enrollment";
import type { DpsParts } from "../parts";
import { wireRegistration } from "../registrations";
import { authorize } from "./authorize";
import { removeEnrollment, saveEnrollment } from "./change";
import { wireAttestation, wireEnrollment } from "./enrollmentBody";
import { KINDS } from "./kinds";

const pathOf = (kind: EnrollmentKind): string => `${KINDS[kind].path}/:id`;

function answer(service: string, enrollment: Enrollment, withKeys: boolean, { registrations }: DpsParts): Answer {
  const registration = enrollment.kind === "individual" ? registrations.find(service, enrollment.id) : undefined;
  const registrationState = registration && wireRegistration(registration);
  return {
    status: 200,
    headers: { etag: enrollment.etag },
    body: wireEnrollment(enrollment, { registrationState, withKeys }),
  };
}

/** `GET /enrollmentGroups/{id}`, `GET /enrollments/{registrationId}`: without symmetric keys. */
export const getEnrollment =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: `${KINDS[kind].operations}_Get`,
    method: "GET",
    path: pathOf(kind),
    handle(call) {
      const service = authorize(call, "readEnrollment", parts);
      const enrollment = parts.enrollments.find(service.key, kind, call.params.id ?? "");
      if (!enrollment) throw parts.fail("enrollmentNotFound", "Enrollment not found.");
      return answer(service.key, enrollment, false, parts);
    },
  });

/** `PUT`: creates without If-Match, replaces with it. */
export const putEnrollment =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: `${KINDS[kind].operations}_CreateOrUpdate`,
    method: "PUT",
    path: pathOf(kind),
    handle(call) {
      const service = authorize(call, "writeEnrollment", parts);
      const target = { service, kind, id: call.params.id ?? "" };
      return parts.store.transaction(() => {
        const saved = saveEnrollment(target, call.body, call.headers["if-match"], parts);
        return answer(service.key, saved, true, parts);
      });
    },
  });

/** `DELETE`: If-Match may be left out. */
export const deleteEnrollment =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: `${KINDS[kind].operations}_Delete`,
    method: "DELETE",
    path: pathOf(kind),
    handle(call) {
      const service = authorize(call, "writeEnrollment", parts);
      const target = { service, kind, id: call.params.id ?? "" };
      return parts.store.transaction(() => {
        removeEnrollment(target, call.headers["if-match"] ?? "*", parts);
        return { status: 204 };
      });
    },
  });

/** `POST …/attestationmechanism`: how the devices prove themselves, symmetric keys told. */
export const getAttestationMechanism =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: `${KINDS[kind].operations}_GetAttestationMechanism`,
    method: "POST",
    path: `${pathOf(kind)}/attestationmechanism`,
    handle(call) {
      const service = authorize(call, "readEnrollment", parts);
      const enrollment = parts.enrollments.find(service.key, kind, call.params.id ?? "");
      if (!enrollment) throw parts.fail("enrollmentNotFound", "Enrollment not found.");
      return {
        status: 200,
        headers: { etag: enrollment.etag },
        body: wireAttestation(enrollment.attestation, true),
      };
    },
  });
