import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { removeEnrollment } from "./enrollmentChange";
import { KINDS } from "./enrollmentKinds";
import type { EnrollmentKind } from "./enrollmentRecord";

/** `DELETE`: If-Match is optional. */
export const deleteEnrollment = (kind: EnrollmentKind, deps: DpsDependencies): Operation => ({
  name: `${KINDS[kind].operations}_Delete`,
  method: "DELETE",
  path: `${KINDS[kind].path}/:id`,
  handle(request) {
    const service = authorize(request, "writeEnrollment", deps);
    const target = { service, kind, id: request.params.id ?? "" };
    return deps.database.transaction(() => {
      removeEnrollment(target, request.headers["if-match"] ?? "*", deps);
      return { status: 204 };
    });
  },
});
