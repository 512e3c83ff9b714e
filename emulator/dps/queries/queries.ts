import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { wireEnrollment } from "../enrollments/enrollmentBody";
import { KINDS } from "../enrollments/enrollmentKinds";
import type { EnrollmentKind } from "../enrollments/enrollmentRecord";
import { wireRegistration } from "../registrations/registrationStore";
import { pageRequest, pageResponse, readQuery, wanted } from "./queryPage";

/** `POST /enrollmentGroups/query`, `POST /enrollments/query` */
export const queryEnrollments =
  (kind: EnrollmentKind) =>
  (deps: DpsDependencies): Operation => ({
    name: `${KINDS[kind].operations}_Query`,
    method: "POST",
    path: `${KINDS[kind].path}/query`,
    async handle(request) {
      const service = authorize(request, "readEnrollment", deps);
      const condition = readQuery(request, [KINDS[kind].list], deps.fail);
      const page = pageRequest(request, deps.fail);
      const list = (top: number, after: string) => deps.enrollments.list(service.key, kind, top, after);
      const found = await wanted(page, condition, list, (enrollment) => {
        const state = kind === "individual" ? deps.registrations.find(service.key, enrollment.id) : undefined;
        return { ...wireEnrollment(enrollment, { registrationState: state && wireRegistration(state) }) };
      });
      return pageResponse(page, KINDS[kind].item, found);
    },
  });

/** `POST /registrations/{enrollmentGroupId}/query` */
export const queryRegistrations = (deps: DpsDependencies): Operation => ({
  name: "DeviceRegistrationState_Query",
  method: "POST",
  path: "/registrations/:id/query",
  async handle(request) {
    const service = authorize(request, "readRegistration", deps);
    const { id = "" } = request.params;
    const condition = readQuery(request, ["registrations", "enrollments"], deps.fail);
    if (!deps.enrollments.find(service.key, "group", id)) {
      throw deps.fail("enrollmentNotFound", "Enrollment not found.");
    }
    const page = pageRequest(request, deps.fail);
    const list = (top: number, after: string) => deps.registrations.listOfGroup(service.key, id, top, after);
    const found = await wanted(page, condition, list, (registration) => ({ ...wireRegistration(registration) }));
    return pageResponse(page, "deviceRegistration", found);
  },
});
