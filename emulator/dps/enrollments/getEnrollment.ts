import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { enrollmentResponse } from "./enrollmentBody";
import { KINDS } from "./enrollmentKinds";
import type { EnrollmentKind } from "./enrollmentRecord";

/** `GET /enrollmentGroups/{id}`, `GET /enrollments/{registrationId}`: without symmetric keys. */
export const getEnrollment = (kind: EnrollmentKind, deps: DpsDependencies): Operation => ({
  name: `${KINDS[kind].operations}_Get`,
  method: "GET",
  path: `${KINDS[kind].path}/:id`,
  handle(request) {
    const service = authorize(request, "readEnrollment", deps);
    const enrollment = deps.enrollments.find(service.key, kind, request.params.id ?? "");
    if (!enrollment) throw deps.fail("enrollmentNotFound", "Enrollment not found.");
    return enrollmentResponse(service.key, enrollment, false, deps);
  },
});
