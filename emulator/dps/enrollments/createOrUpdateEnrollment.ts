import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { enrollmentResponse } from "./enrollmentBody";
import { saveEnrollment } from "./enrollmentChange";
import { KINDS } from "./enrollmentKinds";
import type { EnrollmentKind } from "./enrollmentRecord";

/** `PUT`: creates without If-Match, replaces with it. The response contains the symmetric keys. */
export const createOrUpdateEnrollment = (kind: EnrollmentKind, deps: DpsDependencies): Operation => ({
  name: `${KINDS[kind].operations}_CreateOrUpdate`,
  method: "PUT",
  path: `${KINDS[kind].path}/:id`,
  handle(request) {
    const service = authorize(request, "writeEnrollment", deps);
    const target = { service, kind, id: request.params.id ?? "" };
    return deps.database.transaction(() => {
      const saved = saveEnrollment(target, request.body, request.headers["if-match"], deps);
      return enrollmentResponse(service.key, saved, true, deps);
    });
  },
});
