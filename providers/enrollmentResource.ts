import type * as pulumi from "@pulumi/pulumi";
import { type EnrollmentInputs, type StoredKeyInputs, withSecrets } from "./enrollmentInputs";
import { DynamicResource } from "./forward";

/** Outputs that are secrets in the state. */
const SECRET_OUTPUTS = ["symmetricKey", "customAllocation", "primaryKey", "secondaryKey"];

/** The outputs of every enrollment. */
const OUTPUTS = ["provisioningStatus", "etag", "revision", "primaryKey", "secondaryKey"];

/** Further outputs of one with keys in a vault. */
const REFERENCES = ["primaryKeyId", "secondaryKeyId", "primaryKeyState", "secondaryKeyState"];

/** The inputs that a group's and a device's own enrollment share. */
export abstract class EnrollmentResource extends DynamicResource {
  declare readonly provisioningStatus: pulumi.Output<string>;
  declare readonly etag: pulumi.Output<string>;
  /** Changes when what the enrollment says changes. */
  declare readonly revision: pulumi.Output<string>;
  /**
   * Base64; undefined without symmetric keys, and where a vault keeps them.
   * @secret
   */
  declare readonly primaryKey: pulumi.Output<string | undefined>;
  /**
   * As primaryKey.
   * @secret
   */
  declare readonly secondaryKey: pulumi.Output<string | undefined>;
  /** Ids of the vault's secrets, with their versions. */
  declare readonly primaryKeyId: pulumi.Output<string | undefined>;
  declare readonly secondaryKeyId: pulumi.Output<string | undefined>;

  /** `more` are the names of outputs beside those of every enrollment. */
  constructor(
    handler: "enrollmentGroup" | "individualEnrollment",
    name: string,
    more: readonly string[],
    inputs: EnrollmentInputs & StoredKeyInputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const outputs = [...OUTPUTS, ...(inputs.vaultUri === undefined ? [] : REFERENCES), ...more];
    super(handler, name, outputs, withSecrets(inputs), { ...opts, additionalSecretOutputs: SECRET_OUTPUTS });
  }
}
