import type { Operation } from "../../kernel/call";
import type { EnrollmentKind } from "../enrollment";
import type { DpsParts } from "../parts";
import { wireRegistration } from "../registrations";
import { authorize } from "./authorize";
import { wireEnrollment } from "./enrollmentBody";
import { pageAnswer, pageRequest, requireSelectAll } from "./page";

const KINDS = {
  group: { path: "/enrollmentGroups/query", name: "EnrollmentGroup_Query", table: "enrollmentGroups" },
  individual: { path: "/enrollments/query", name: "IndividualEnrollment_Query", table: "enrollments" },
} as const;

/** `POST /enrollmentGroups/query`, `POST /enrollments/query` */
export const queryEnrollments =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: KINDS[kind].name,
    method: "POST",
    path: KINDS[kind].path,
    handle(call) {
      const service = authorize(call, "readEnrollment", parts);
      requireSelectAll(call, [KINDS[kind].table], parts.fail);
      const request = pageRequest(call, parts.fail);
      const found = parts.enrollments.list(service.key, kind, request.size + 1, request.after);
      return pageAnswer(request, KINDS[kind].table, found, (enrollment) => {
        const state = kind === "individual" ? parts.registrations.find(service.key, enrollment.id) : undefined;
        return {
          id: enrollment.id,
          body: wireEnrollment(enrollment, { registrationState: state && wireRegistration(state) }),
        };
      });
    },
  });

/** `POST /registrations/{enrollmentGroupId}/query` */
export const queryRegistrations = (parts: DpsParts): Operation => ({
  name: "DeviceRegistrationState_Query",
  method: "POST",
  path: "/registrations/:id/query",
  handle(call) {
    const service = authorize(call, "readRegistration", parts);
    const { id = "" } = call.params;
    requireSelectAll(call, ["registrations", "enrollments"], parts.fail);
    if (!parts.enrollments.find(service.key, "group", id)) {
      throw parts.fail("enrollmentNotFound", "Enrollment not found.");
    }
    const request = pageRequest(call, parts.fail);
    const found = parts.registrations.listOfGroup(service.key, id, request.size + 1, request.after);
    return pageAnswer(request, "registrations", found, (registration) => ({
      id: registration.id,
      body: wireRegistration(registration),
    }));
  },
});
