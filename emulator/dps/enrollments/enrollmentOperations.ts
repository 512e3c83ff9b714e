import type { Operation, Response } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { wireRegistration } from "../registrations/registrationStore";
import { wireAttestation, wireEnrollment } from "./enrollmentBody";
import { removeEnrollment, saveEnrollment } from "./enrollmentChange";
import { KINDS } from "./enrollmentKinds";
import type { Enrollment, EnrollmentKind } from "./enrollmentRecord";

const pathOf = (kind: EnrollmentKind): string => `${KINDS[kind].path}/:id`;

function response(
  service: string,
  enrollment: Enrollment,
  withKeys: boolean,
  { registrations }: DpsDependencies,
): Response {
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
  (deps: DpsDependencies): Operation => ({
    name: `${KINDS[kind].operations}_Get`,
    method: "GET",
    path: pathOf(kind),
    handle(request) {
      const service = authorize(request, "readEnrollment", deps);
      const enrollment = deps.enrollments.find(service.key, kind, request.params.id ?? "");
      if (!enrollment) throw deps.fail("enrollmentNotFound", "Enrollment not found.");
      return response(service.key, enrollment, false, deps);
    },
  });

/** `PUT`: creates without If-Match, replaces with it. */
export const putEnrollment =
  (kind: EnrollmentKind) =>
  (deps: DpsDependencies): Operation => ({
    name: `${KINDS[kind].operations}_CreateOrUpdate`,
    method: "PUT",
    path: pathOf(kind),
    handle(request) {
      const service = authorize(request, "writeEnrollment", deps);
      const target = { service, kind, id: request.params.id ?? "" };
      return deps.database.transaction(() => {
        const saved = saveEnrollment(target, request.body, request.headers["if-match"], deps);
        return response(service.key, saved, true, deps);
      });
    },
  });

/** `DELETE`: If-Match may be left out. */
export const deleteEnrollment =
  (kind: EnrollmentKind) =>
  (deps: DpsDependencies): Operation => ({
    name: `${KINDS[kind].operations}_Delete`,
    method: "DELETE",
    path: pathOf(kind),
    handle(request) {
      const service = authorize(request, "writeEnrollment", deps);
      const target = { service, kind, id: request.params.id ?? "" };
      return deps.database.transaction(() => {
        removeEnrollment(target, request.headers["if-match"] ?? "*", deps);
        return { status: 204 };
      });
    },
  });

/** `POST …/attestationmechanism`: how the devices prove themselves, symmetric keys told. */
export const getAttestationMechanism =
  (kind: EnrollmentKind) =>
  (deps: DpsDependencies): Operation => ({
    name: `${KINDS[kind].operations}_GetAttestationMechanism`,
    method: "POST",
    path: `${pathOf(kind)}/attestationmechanism`,
    handle(request) {
      const service = authorize(request, "readEnrollment", deps);
      const enrollment = deps.enrollments.find(service.key, kind, request.params.id ?? "");
      if (!enrollment) throw deps.fail("enrollmentNotFound", "Enrollment not found.");
      return {
        status: 200,
        headers: { etag: enrollment.etag },
        body: wireAttestation(enrollment.attestation, true),
      };
    },
  });
