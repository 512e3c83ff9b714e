import type { Operation } from "../../kernel/call";
import { etagMatches } from "../../kernel/etag";
import type { DpsParts } from "../parts";
import { wireRegistration } from "../registrations";
import { authorize } from "./authorize";

const PATH = "/registrations/:id";

/** `GET /registrations/{id}` */
export const getRegistration = (parts: DpsParts): Operation => ({
  name: "DeviceRegistrationState_Get",
  method: "GET",
  path: PATH,
  handle(call) {
    const service = authorize(call, "readRegistration", parts);
    const registration = parts.registrations.find(service.key, call.params.id ?? "");
    if (!registration) throw parts.fail("registrationNotFound", "Registration not found.");
    return { status: 200, body: wireRegistration(registration) };
  },
});

/** `DELETE /registrations/{id}`: If-Match may be left out. The hub's device stays. */
export const deleteRegistration = (parts: DpsParts): Operation => ({
  name: "DeviceRegistrationState_Delete",
  method: "DELETE",
  path: PATH,
  handle(call) {
    const service = authorize(call, "writeRegistration", parts);
    const { id = "" } = call.params;
    return parts.store.transaction(() => {
      const known = parts.registrations.find(service.key, id);
      if (!known) throw parts.fail("registrationNotFound", "Registration not found.");
      // The tag is base64 of a quoted string; clients send it as they got it, or decoded.
      const decoded = Buffer.from(known.etag, "base64").toString();
      const ifMatch = call.headers["if-match"] ?? "*";
      if (!etagMatches(ifMatch, known.etag) && !etagMatches(ifMatch, decoded)) {
        throw parts.fail("precondition", "Precondition failed.", { reason: `If-Match is ${ifMatch}` });
      }
      parts.registrations.remove(service.key, id);
      return { status: 204 };
    });
  },
});
