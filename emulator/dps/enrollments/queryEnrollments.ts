import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { matchingItems, pageRequest, pageResponse, readQuery } from "../queries/queryPage";
import { wireEnrollment } from "./enrollmentBody";
import { KINDS } from "./enrollmentKinds";
import type { EnrollmentKind } from "./enrollmentRecord";

/** `POST /enrollmentGroups/query`, `POST /enrollments/query` */
export const queryEnrollments = (kind: EnrollmentKind, deps: DpsDependencies): Operation => ({
  name: `${KINDS[kind].operations}_Query`,
  method: "POST",
  path: `${KINDS[kind].path}/query`,
  async handle(request) {
    const service = authorize(request, "readEnrollment", deps);
    const condition = readQuery(request, [KINDS[kind].list], deps.fail);
    const page = pageRequest(request, deps.fail);
    const list = (top: number, after: string) => deps.enrollments.list(service.key, kind, top, after);
    const found = await matchingItems(page, condition, list, (enrollment) => ({
      ...wireEnrollment(enrollment, { registration: deps.registrations.ofEnrollment(service.key, enrollment) }),
    }));
    return pageResponse(page, KINDS[kind].item, found);
  },
});
