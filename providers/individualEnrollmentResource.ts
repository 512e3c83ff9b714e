import type * as pulumi from "@pulumi/pulumi";
import type { EnrollmentInputs, StoredKeyInputs } from "./enrollmentInputs";
import { EnrollmentResource } from "./enrollmentResource";

/** The keys of a device's TPM 2.0, base64. */
export interface Tpm {
  /** Public part of the endorsement key. */
  readonly endorsementKey: pulumi.Input<string>;
  readonly storageRootKey?: pulumi.Input<string> | undefined;
}

/** Inputs of {@link IndividualEnrollmentResource}; exactly one of certificate, caReference, symmetricKey and tpm. */
export interface IndividualEnrollmentInputs extends EnrollmentInputs, StoredKeyInputs {
  /** With certificates their common name, up to 64 characters; else up to 128. A change replaces. */
  readonly registrationId: pulumi.Input<string>;
  /** The device's ID in the hub; default: the registration ID. */
  readonly deviceId?: pulumi.Input<string> | undefined;
  /** PEM of the device's own certificate. */
  readonly certificate?: pulumi.Input<string> | undefined;
  /** A second one beside it, for a renewal with overlap. */
  readonly secondaryCertificate?: pulumi.Input<string> | undefined;
  readonly tpm?: pulumi.Input<Tpm> | undefined;
  /** Free facts about the device, kept with the enrollment and handed to the custom webhook. */
  readonly optionalDeviceInformation?: pulumi.Input<Readonly<Record<string, unknown>>> | undefined;
}

/** One device's enrollment. */
export class IndividualEnrollmentResource extends EnrollmentResource {
  declare readonly registrationId: pulumi.Output<string>;
  declare readonly deviceId: pulumi.Output<string | undefined>;

  constructor(name: string, inputs: IndividualEnrollmentInputs, opts?: pulumi.CustomResourceOptions) {
    super("individualEnrollment", name, ["deviceId"], inputs, opts);
  }
}
