import type * as pulumi from "@pulumi/pulumi";
import type { EnrollmentInputs, StoredKeyInputs } from "./enrollmentInputs";
import { EnrollmentResource } from "./enrollmentResource";

/** Inputs of {@link EnrollmentGroupResource}; exactly one of caReference, signingCertificate and symmetricKey. */
export interface EnrollmentGroupInputs extends EnrollmentInputs, StoredKeyInputs {
  /** 1 to 128 letters, digits, `- . _ :`. A change replaces. */
  readonly enrollmentGroupId: pulumi.Input<string>;
  /** PEM of a root or intermediate. */
  readonly signingCertificate?: pulumi.Input<string> | undefined;
  /** A second one beside it, for a rollover with overlap. */
  readonly secondarySigningCertificate?: pulumi.Input<string> | undefined;
}

/** An enrollment group: every device whose chain leads to its CA, or whose key derives from its keys, may register. */
export class EnrollmentGroupResource extends EnrollmentResource {
  declare readonly enrollmentGroupId: pulumi.Output<string>;

  constructor(name: string, inputs: EnrollmentGroupInputs, opts?: pulumi.CustomResourceOptions) {
    super("enrollmentGroup", name, [], inputs, opts);
  }
}
