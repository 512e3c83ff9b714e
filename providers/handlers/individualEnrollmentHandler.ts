/** Handler of IndividualEnrollment: one device, by its own certificates, verified CAs, a symmetric key or a TPM. */
import type { EnrollmentGroupBody, IndividualEnrollmentBody } from "../../azure/wire/dpsEnrollment";
import { INDIVIDUAL_ATTESTATION } from "./enrollment/attestation";
import { readShared, SHARED_FIELDS, sharedBody } from "./enrollment/enrollmentFields";
import { enrollmentHandler } from "./enrollment/enrollmentLifecycle";
import { deviceInformationError, readCollection } from "./enrollment/initialTwin";
import type { AzureGateway } from "./resource/azureGateway";
import { type Fields, named, optionalText, text } from "./resource/fields";
import type { Handler, Props } from "./resource/handler";
import { STORE } from "./vault/storedKeys";

type Gateway = Pick<AzureGateway, "individualEnrollment" | "vaultSecrets" | "now" | "log" | "pause">;

/** Inputs; exactly one kind of attestation. Without deviceId the hub knows the device by its registration ID. */
export const FIELDS: Fields = {
  registrationId: { isRequired: true, onChange: "replace", validate: named("registrationId") },
  deviceId: { validate: named("deviceId") },
  ...INDIVIDUAL_ATTESTATION,
  optionalDeviceInformation: { validate: deviceInformationError },
  ...SHARED_FIELDS,
  ...STORE,
};

/** The enrollment as the wire has it. The inputs were checked. */
export function individualBody(inputs: Props): IndividualEnrollmentBody {
  const deviceId = optionalText(inputs, "deviceId");
  const information = inputs.optionalDeviceInformation as Readonly<Record<string, unknown>> | undefined;
  return {
    registrationId: text(inputs, "registrationId"),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(information === undefined ? {} : { optionalDeviceInformation: information }),
    ...sharedBody(inputs),
  };
}

/** The inputs as the service has them now. */
export function readIndividual(
  props: Props,
  body: EnrollmentGroupBody | IndividualEnrollmentBody,
): Record<string, unknown> {
  const theirs = "deviceId" in body ? body.deviceId : undefined;
  const given = "optionalDeviceInformation" in body ? body.optionalDeviceInformation : undefined;
  return {
    ...readShared(props, body),
    // By default the device ID is the registration ID, and the service may return it.
    deviceId: props.deviceId === undefined && theirs === props.registrationId ? undefined : (theirs ?? undefined),
    // Nothing said and an empty object say the same.
    optionalDeviceInformation: readCollection(props.optionalDeviceInformation, given),
  };
}

/** The handler. */
export const handler = (gateway: Gateway): Handler =>
  enrollmentHandler({
    gateway,
    noun: "Individual enrollment",
    idInput: "registrationId",
    collection: "enrollments",
    fields: FIELDS,
    attestation: INDIVIDUAL_ATTESTATION,
    client: (props) => gateway.individualEnrollment(text(props, "serviceEndpoint"), text(props, "registrationId")),
    id: (props) => `${text(props, "serviceEndpoint")}/enrollments/${text(props, "registrationId")}`,
    body: individualBody,
    readInputs: readIndividual,
  });
