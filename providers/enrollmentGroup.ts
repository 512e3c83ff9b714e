import type * as pulumi from "@pulumi/pulumi";
import type { EnrollmentInputs } from "./enrollmentInputs";
import { DynamicResource } from "./forward";

/** Inputs of {@link EnrollmentGroupResource}; exactly one of caReference and signingCertificate. */
export interface EnrollmentGroupInputs extends EnrollmentInputs {
  /** 1 to 128 letters, digits, `- . _ :`. A change replaces. */
  readonly enrollmentGroupId: pulumi.Input<string>;
  /** Name of a verified certificate of the provisioning service. */
  readonly caReference?: pulumi.Input<string> | undefined;
  /** PEM of a root or intermediate. */
  readonly signingCertificate?: pulumi.Input<string> | undefined;
}

/** An X.509 enrollment group: every device whose chain leads to its CA may register. */
export class EnrollmentGroupResource extends DynamicResource {
  declare readonly enrollmentGroupId: pulumi.Output<string>;
  declare readonly provisioningStatus: pulumi.Output<string>;
  declare readonly etag: pulumi.Output<string>;
  /** Changes when what the enrollment says changes. */
  declare readonly revision: pulumi.Output<string>;

  constructor(name: string, inputs: EnrollmentGroupInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { provisioningStatus: undefined, etag: undefined, revision: undefined };
    super("enrollmentGroup", "EnrollmentGroup", name, { ...outputs, ...inputs }, opts);
  }
}
