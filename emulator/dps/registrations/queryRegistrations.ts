import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { matchingItems, pageRequest, pageResponse, readQuery } from "../queries/queryPage";
import { wireRegistration } from "./registrationBody";

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
    const found = await matchingItems(page, condition, list, (registration) => ({ ...wireRegistration(registration) }));
    return pageResponse(page, "deviceRegistration", found);
  },
});
