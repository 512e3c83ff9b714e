/** Handler of EnrollmentGroup: by verified CAs of the service, by signing certificates, or by a symmetric key. */
import type { EnrollmentGroupBody } from "../../azure/wire/dpsEnrollment";
import { GROUP_ATTESTATION } from "./enrollment/attestation";
import { readShared, SHARED_FIELDS, sharedBody } from "./enrollment/enrollmentFields";
import { enrollmentHandler } from "./enrollment/enrollmentLifecycle";
import type { AzureGateway } from "./resource/azureGateway";
import { type Fields, named, text } from "./resource/fields";
import type { Handler } from "./resource/handler";
import { STORE } from "./vault/storedKeys";

type Gateway = Pick<AzureGateway, "enrollmentGroup" | "vaultSecrets" | "now" | "log" | "pause">;

/** Inputs; exactly one kind of attestation. */
export const FIELDS: Fields = {
  enrollmentGroupId: { isRequired: true, onChange: "replace", validate: named("enrollmentGroupId") },
  ...GROUP_ATTESTATION,
  ...SHARED_FIELDS,
  ...STORE,
};

/** The handler. */
export const handler = (gateway: Gateway): Handler =>
  enrollmentHandler({
    gateway,
    noun: "Enrollment group",
    idInput: "enrollmentGroupId",
    collection: "enrollmentGroups",
    fields: FIELDS,
    attestation: GROUP_ATTESTATION,
    client: (props) => gateway.enrollmentGroup(text(props, "serviceEndpoint"), text(props, "enrollmentGroupId")),
    id: (props) => `${text(props, "serviceEndpoint")}/enrollmentGroups/${text(props, "enrollmentGroupId")}`,
    body: (inputs): EnrollmentGroupBody => ({
      enrollmentGroupId: text(inputs, "enrollmentGroupId"),
      ...sharedBody(inputs),
    }),
    readInputs: readShared,
  });
