/** Handler of IndividualEnrollment: one device's X.509 enrollment, by its own certificate. */
import type { IndividualEnrollmentBody } from "../../azure/wire/enrollment";
import { readCertificate, readShared, SHARED_FIELDS, sharedBody } from "./enrollment";
import { enrollmentHandler } from "./enrollmentRecord";
import { checkFields, type Fields, named, optionalText, pemCertificates, text } from "./fields";
import type { Handler } from "./handler";
import type { World } from "./world";

/** Inputs; the certificate's CN must be the registration ID. Without deviceId the hub knows the device by registration ID. */
export const FIELDS: Fields = {
  registrationId: { isRequired: true, onChange: "replace", fault: named("x509RegistrationId") },
  deviceId: { fault: named("deviceId") },
  certificate: { isRequired: true, fault: pemCertificates },
  ...SHARED_FIELDS,
};

/** The handler. */
export const handler = (world: World): Handler =>
  enrollmentHandler<"individual">({
    fields: FIELDS,
    client: (props) => world.individualEnrollment(text(props, "serviceEndpoint"), text(props, "registrationId")),
    id: (props) => `${text(props, "serviceEndpoint")}/enrollments/${text(props, "registrationId")}`,
    check: (news) => checkFields(FIELDS, news),
    body(inputs): IndividualEnrollmentBody {
      const deviceId = optionalText(inputs, "deviceId");
      const clientCertificates = { primary: { certificate: text(inputs, "certificate") } };
      return {
        registrationId: text(inputs, "registrationId"),
        ...(deviceId === undefined ? {} : { deviceId }),
        attestation: { type: "x509", x509: { clientCertificates } },
        ...sharedBody(inputs),
      };
    },
    readInputs(props, body) {
      const theirs = "deviceId" in body ? body.deviceId : undefined;
      return {
        ...readShared(props, body),
        // Left to the service, the device ID is the registration ID, and may be told as such.
        deviceId: props.deviceId === undefined && theirs === props.registrationId ? undefined : (theirs ?? undefined),
        certificate: readCertificate(
          optionalText(props, "certificate"),
          body.attestation.x509?.clientCertificates?.primary,
        ),
      };
    },
  });
