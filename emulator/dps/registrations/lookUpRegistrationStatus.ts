import type { Operation } from "../../kernel/operation";
import { attest } from "../attestation/attest";
import { identifyDevice } from "../attestation/identifyDevice";
import type { DpsDependencies } from "../dpsDependencies";
import { readDeviceBody } from "./deviceRequestBody";
import { deviceRegistration } from "./registrationBody";

/** `POST /{idScope}/registrations/{id}`: the outcome of the device's last registration. */
export const lookUpRegistrationStatus = (deps: DpsDependencies): Operation => ({
  name: "RuntimeRegistration_DeviceRegistrationStatusLookup",
  method: "POST",
  path: "/:idScope/registrations/:id",
  handle(request) {
    const applicant = identifyDevice(request, deps);
    const { service, registrationId } = applicant;
    readDeviceBody(request, registrationId, deps);
    const { enrollment } = attest(applicant, deps);
    if (enrollment.settings.provisioningStatus === "disabled") {
      return { status: 200, body: { registrationId, status: "disabled" } };
    }
    const registration = deps.registrations.find(service.key, registrationId);
    if (!registration) throw deps.fail("registrationNotFound", "Registration not found.");
    return { status: 200, body: deviceRegistration(registration) };
  },
});
