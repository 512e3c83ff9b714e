import type * as pulumi from "@pulumi/pulumi";
import { type EnrollmentInputs, type StoredKeyInputs, withSecrets } from "./enrollmentInputs";
import { DynamicResource } from "./forward";

/** Outputs that are secrets in the state. */
const SECRET_OUTPUTS = ["symmetricKey", "customAllocation", "primaryKey", "secondaryKey"];

/** The outputs of every enrollment, not known yet. */
const OUTPUTS = {
  provisioningStatus: undefined,
  etag: undefined,
  revision: undefined,
  primaryKey: undefined,
  secondaryKey: undefined,
};

/** What keys in a vault have more. */
const REFERENCES = {
  primaryKeyId: undefined,
  secondaryKeyId: undefined,
  primaryKeyState: undefined,
  secondaryKeyState: undefined,
};

/** What a group's and a device's own enrollment have alike. */
export abstract class EnrollmentResource extends DynamicResource {
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

  /** `handler` and `type` as for {@link DynamicResource}. */
  constructor(
    handler: "enrollmentGroup" | "individualEnrollment",
    type: string,
    name: string,
    inputs: EnrollmentInputs & StoredKeyInputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const outputs = inputs.vaultUri === undefined ? OUTPUTS : { ...OUTPUTS, ...REFERENCES };
    const props = { ...outputs, ...withSecrets(inputs) };
    super(handler, type, name, props, { ...opts, additionalSecretOutputs: SECRET_OUTPUTS });
  }
}
