import type { Operation } from "../../kernel/operation";
import { authorize } from "../dpsAuthorization";
import type { DpsDependencies } from "../dpsDependencies";
import { wireRegistration } from "./registrationBody";

/** `GET /registrations/{id}` */
export const getRegistration = (deps: DpsDependencies): Operation => ({
  name: "DeviceRegistrationState_Get",
  method: "GET",
  path: "/registrations/:id",
  handle(request) {
    const service = authorize(request, "readRegistration", deps);
    const registration = deps.registrations.find(service.key, request.params.id ?? "");
    if (!registration) throw deps.fail("registrationNotFound", "Registration not found.");
    return { status: 200, body: wireRegistration(registration) };
  },
});
