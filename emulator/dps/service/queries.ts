import type { Operation } from "../../kernel/call";
import type { EnrollmentKind } from "../enrollment";
import type { DpsParts } from "../parts";
import { wireRegistration } from "../registrations";
import { authorize } from "./authorize";
import { wireEnrollment } from "./enrollmentBody";
import { KINDS } from "./kinds";
import { pageAnswer, pageRequest, readQuery, wanted } from "./page";

/** `POST /enrollmentGroups/query`, `POST /enrollments/query` */
export const queryEnrollments =
  (kind: EnrollmentKind) =>
  (parts: DpsParts): Operation => ({
    name: `${KINDS[kind].operations}_Query`,
    method: "POST",
    path: `${KINDS[kind].path}/query`,
    async handle(call) {
      const service = authorize(call, "readEnrollment", parts);
      const condition = readQuery(call, [KINDS[kind].list], parts.fail);
      const request = pageRequest(call, parts.fail);
      const list = (top: number, after: string) => parts.enrollments.list(service.key, kind, top, after);
      const found = await wanted(request, condition, list, (enrollment) => {
        const state = kind === "individual" ? parts.registrations.find(service.key, enrollment.id) : undefined;
        return { ...wireEnrollment(enrollment, { registrationState: state && wireRegistration(state) }) };
      });
      return pageAnswer(request, KINDS[kind].item, found);
    },
  });

/** `POST /registrations/{enrollmentGroupId}/query` */
export const queryRegistrations = (parts: DpsParts): Operation => ({
  name: "DeviceRegistrationState_Query",
  method: "POST",
  path: "/registrations/:id/query",
  async handle(call) {
    const service = authorize(call, "readRegistration", parts);
    const { id = "" } = call.params;
    const condition = readQuery(call, ["registrations", "enrollments"], parts.fail);
    if (!parts.enrollments.find(service.key, "group", id)) {
      throw parts.fail("enrollmentNotFound", "Enrollment not found.");
    }
    const request = pageRequest(call, parts.fail);
    const list = (top: number, after: string) => parts.registrations.listOfGroup(service.key, id, top, after);
    const found = await wanted(request, condition, list, (registration) => ({ ...wireRegistration(registration) }));
    return pageAnswer(request, "deviceRegistration", found);
  },
});
