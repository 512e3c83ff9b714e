import type * as pulumi from "@pulumi/pulumi";
import {
  type EnrollmentInputs,
  SECRET_OUTPUTS,
  type StoredKeyInputs,
  withReferences,
  withSecrets,
} from "./enrollmentInputs";
import { DynamicResource } from "./forward";

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
export class EnrollmentGroupResource extends DynamicResource {
  declare readonly enrollmentGroupId: pulumi.Output<string>;
  declare readonly provisioningStatus: pulumi.Output<string>;
  declare readonly etag: pulumi.Output<string>;
  /** Changes when what the enrollment says changes. */
  declare readonly revision: pulumi.Output<string>;
  /** Base64, secret; undefined without symmetric keys, and where a vault keeps them. */
  declare readonly primaryKey: pulumi.Output<string | undefined>;
  declare readonly secondaryKey: pulumi.Output<string | undefined>;
  /** Ids of the vault's secrets, with their versions. */
  declare readonly primaryKeyId: pulumi.Output<string | undefined>;
  declare readonly secondaryKeyId: pulumi.Output<string | undefined>;

  constructor(name: string, inputs: EnrollmentGroupInputs, opts?: pulumi.CustomResourceOptions) {
    const keys = { primaryKey: undefined, secondaryKey: undefined, ...withReferences(inputs) };
    const outputs = { provisioningStatus: undefined, etag: undefined, revision: undefined, ...keys };
    super(
      "enrollmentGroup",
      "EnrollmentGroup",
      name,
      { ...outputs, ...withSecrets(inputs) },
      { ...opts, additionalSecretOutputs: SECRET_OUTPUTS },
    );
  }
}
