import { etagMatches } from "../../kernel/etag";
import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";

/** `DELETE /registrations/{id}`: If-Match is optional. The hub's device stays. */
export const deleteRegistration = (deps: DpsDependencies): Operation => ({
  name: "DeviceRegistrationState_Delete",
  method: "DELETE",
  path: "/registrations/:id",
  handle(request) {
    const service = authorize(request, "writeRegistration", deps);
    const { id = "" } = request.params;
    return deps.database.transaction(() => {
      const known = deps.registrations.find(service.key, id);
      if (!known) throw deps.fail("registrationNotFound", "Registration not found.");
      // The ETag is base64 of a quoted string; clients send it as received or decoded.
      const decoded = Buffer.from(known.etag, "base64").toString();
      const ifMatch = request.headers["if-match"] ?? "*";
      if (!etagMatches(ifMatch, known.etag) && !etagMatches(ifMatch, decoded)) {
        throw deps.fail("precondition", "Precondition failed.", { reason: `If-Match is ${ifMatch}` });
      }
      deps.registrations.remove(service.key, id);
      return { status: 204 };
    });
  },
});
