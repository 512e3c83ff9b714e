import type * as pulumi from "@pulumi/pulumi";
import { type StoredKeyInputs, withSecrets } from "./enrollmentInputs";
import { DynamicResource } from "./forward";
import type { IndividualEnrollmentInputs } from "./individualEnrollmentResource";

/** An individual enrollment in a list: without registration ID, service and vault. */
export interface ListedEnrollment
  extends Omit<
    IndividualEnrollmentInputs,
    "serviceEndpoint" | "registrationId" | "trustedCertificates" | keyof StoredKeyInputs
  > {}

/** Inputs of {@link EnrollmentListResource}. `vaultUri`: keeps the keys of enrollments with `symmetricKey: {}`. */
export interface EnrollmentListInputs extends Omit<StoredKeyInputs, "storedName"> {
  /** Host name of the provisioning service, `NAME.azure-devices-provisioning.net`. A change replaces. */
  readonly serviceEndpoint: pulumi.Input<string>;
  /** As for an individual enrollment. */
  readonly trustedCertificates?: pulumi.Input<string> | undefined;
  /** By registration ID. Symmetric keys and webhooks are kept as secrets. */
  readonly enrollments: Readonly<Record<string, ListedEnrollment>>;
}

/** Symmetric keys that the service made, base64. */
export interface GeneratedKeys {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** References to an enrollment's two secrets in a vault, without the keys. */
export interface KeyReferences {
  /** Key Vault secret ID, with its version. */
  readonly primaryKeyId?: string;
  readonly secondaryKeyId?: string;
  /** Why the next update changes the secret; undefined if it does not. */
  readonly primaryKeyState?: string;
  readonly secondaryKeyState?: string;
}

/** Any number of individual enrollments of one provisioning service. */
export class EnrollmentListResource extends DynamicResource {
  /**
   * Keys by registration ID, of enrollments with generated keys and no vault.
   * @secret
   */
  declare readonly symmetricKeys: pulumi.Output<Readonly<Record<string, GeneratedKeys>>>;
  /** References by registration ID, of enrollments with keys in a vault; undefined without a vault. */
  declare readonly storedKeys: pulumi.Output<Readonly<Record<string, KeyReferences>> | undefined>;

  /**
   * Creates whose outcome is unknown, with their keys; undefined after a run that ended.
   * @secret
   */
  declare readonly begun: pulumi.Output<unknown | undefined>;

  constructor(name: string, inputs: EnrollmentListInputs, opts?: pulumi.CustomResourceOptions) {
    const { enrollments: given, ...rest } = inputs;
    // One input each, so that a preview shows the changed ones only.
    const enrollments = Object.fromEntries(
      Object.entries(given).map(([id, entry]) => [`device:${id}`, withSecrets(entry)]),
    );
    const outputs = ["symmetricKeys", ...(inputs.vaultUri === undefined ? [] : ["storedKeys"])];
    // `begun` holds creates whose outcome is unknown, with their keys.
    const additionalSecretOutputs = ["symmetricKeys", "begun"];
    super("enrollmentList", name, outputs, { ...rest, ...enrollments }, { ...opts, additionalSecretOutputs });
  }
}
