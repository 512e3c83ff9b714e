import type * as pulumi from "@pulumi/pulumi";
import { type StoredKeyInputs, withSecrets } from "./enrollmentInputs";
import { DynamicResource } from "./forward";
import type { IndividualEnrollmentInputs } from "./individualEnrollmentResource";

/** An individual enrollment without its registration ID, its service and a vault for its keys. */
export type ListedEnrollment = Omit<
  IndividualEnrollmentInputs,
  "serviceEndpoint" | "registrationId" | "trustedCertificates" | keyof StoredKeyInputs
>;

/** Inputs of {@link EnrollmentListResource}; a vault keeps the keys of those with `symmetricKey: {}`. */
export interface EnrollmentListInputs extends Omit<StoredKeyInputs, "storedName"> {
  /** Host name of the provisioning service, `NAME.azure-devices-provisioning.net`. A change replaces. */
  readonly serviceEndpoint: pulumi.Input<string>;
  /** As for a single enrollment. */
  readonly trustedCertificates?: pulumi.Input<string> | undefined;
  /** By registration ID. Symmetric keys and webhooks are kept as secrets. */
  readonly enrollments: Readonly<Record<string, ListedEnrollment>>;
}

/** Symmetric keys that the service made, base64. */
export interface MadeKeys {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** Of the two secrets of one enrollment in a vault; no keys. */
export interface KeyReferences {
  /** Id of a secret, with its version. */
  readonly primaryKeyId?: string;
  readonly secondaryKeyId?: string;
  /** What is to be done for it; undefined where nothing is. */
  readonly primaryKeyState?: string;
  readonly secondaryKeyState?: string;
}

/** Any number of individual enrollments of one provisioning service. */
export class EnrollmentListResource extends DynamicResource {
  /** By registration ID, of the enrollments whose keys are left to the service and in no vault; secret. */
  declare readonly symmetricKeys: pulumi.Output<Readonly<Record<string, MadeKeys>>>;
  /** By registration ID, of the enrollments whose keys a vault keeps; undefined without one. */
  declare readonly storedKeys: pulumi.Output<Readonly<Record<string, KeyReferences>> | undefined>;

  constructor(name: string, inputs: EnrollmentListInputs, opts?: pulumi.CustomResourceOptions) {
    const { enrollments: given, ...rest } = inputs;
    // One input each, so that a preview names what changed and shows nothing of the rest.
    const enrollments = Object.fromEntries(
      Object.entries(given).map(([id, entry]) => [`device:${id}`, withSecrets(entry)]),
    );
    super(
      "enrollmentList",
      "EnrollmentList",
      name,
      {
        symmetricKeys: undefined,
        ...(inputs.vaultUri === undefined ? {} : { storedKeys: undefined }),
        ...rest,
        ...enrollments,
      },
      // `begun` holds creates whose outcome is unknown, with their keys.
      { ...opts, additionalSecretOutputs: ["symmetricKeys", "begun"] },
    );
  }
}
