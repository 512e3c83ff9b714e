import type * as pulumi from "@pulumi/pulumi";
import type { EnrollmentInputs } from "./enrollmentInputs";
import { DynamicResource } from "./forward";

/** Inputs of {@link IndividualEnrollmentResource}. */
export interface IndividualEnrollmentInputs extends EnrollmentInputs {
  /** The common name of the device's certificate, up to 64 characters. A change replaces. */
  readonly registrationId: pulumi.Input<string>;
  /** The device's ID in the hub; default: the registration ID. */
  readonly deviceId?: pulumi.Input<string> | undefined;
  /** PEM of the device's own certificate. */
  readonly certificate: pulumi.Input<string>;
}

/** One device's X.509 enrollment. */
export class IndividualEnrollmentResource extends DynamicResource {
  declare readonly registrationId: pulumi.Output<string>;
  declare readonly deviceId: pulumi.Output<string | undefined>;
  declare readonly provisioningStatus: pulumi.Output<string>;
  declare readonly etag: pulumi.Output<string>;
  /** Changes when what the enrollment says changes. */
  declare readonly revision: pulumi.Output<string>;

  constructor(name: string, inputs: IndividualEnrollmentInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { deviceId: undefined, provisioningStatus: undefined, etag: undefined, revision: undefined };
    super("individualEnrollment", "IndividualEnrollment", name, { ...outputs, ...inputs }, opts);
  }
}
