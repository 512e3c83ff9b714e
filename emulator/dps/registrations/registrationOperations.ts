import { etagMatches } from "../../kernel/etag";
import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { wireRegistration } from "./registrationStore";

const PATH = "/registrations/:id";

/** `GET /registrations/{id}` */
export const getRegistration = (deps: DpsDependencies): Operation => ({
  name: "DeviceRegistrationState_Get",
  method: "GET",
  path: PATH,
  handle(request) {
    const service = authorize(request, "readRegistration", deps);
    const registration = deps.registrations.find(service.key, request.params.id ?? "");
    if (!registration) throw deps.fail("registrationNotFound", "Registration not found.");
    return { status: 200, body: wireRegistration(registration) };
  },
});

/** `DELETE /registrations/{id}`: If-Match may be left out. The hub's device stays. */
export const deleteRegistration = (deps: DpsDependencies): Operation => ({
  name: "DeviceRegistrationState_Delete",
  method: "DELETE",
  path: PATH,
  handle(request) {
    const service = authorize(request, "writeRegistration", deps);
    const { id = "" } = request.params;
    return deps.database.transaction(() => {
      const known = deps.registrations.find(service.key, id);
      if (!known) throw deps.fail("registrationNotFound", "Registration not found.");
      // The tag is base64 of a quoted string; clients send it as they got it, or decoded.
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
