import * as pulumi from "@pulumi/pulumi";
import { type StoredKeyInputs, withSecrets } from "../providers/enrollmentInputs";
import {
  type IndividualEnrollmentInputs,
  IndividualEnrollmentResource,
} from "../providers/individualEnrollmentResource";
import { logAdoption } from "./adoption";
import { type EnrollmentService, linksOf } from "./enrollmentService";
import { childName, componentType } from "./naming";
import { symmetricKeyOutputs } from "./symmetricKeyOutputs";
import { symmetricKeyInputs, type VaultReference } from "./vaultReference";

/**
 * The set of arguments for constructing an {@link IndividualEnrollment}; exactly one of certificate, caReference,
 * symmetricKey and tpm.
 */
export interface IndividualEnrollmentArgs
  extends Omit<IndividualEnrollmentInputs, "serviceEndpoint" | keyof StoredKeyInputs> {
  /** The provisioning service. */
  service: EnrollmentService;
  /** Keeps both keys of `symmetricKey: {}` as secrets of a vault. Default: the stack's state. */
  vault?: VaultReference;
}

/** A device's individual enrollment with a provisioning service. */
export class IndividualEnrollment extends pulumi.ComponentResource {
  /** The registration ID. */
  readonly registrationId: pulumi.Output<string>;
  /** Device ID in the hub. */
  readonly deviceId: pulumi.Output<string>;
  /** `enabled` or `disabled`. */
  readonly provisioningStatus: pulumi.Output<string>;
  /** Changes when the content of the enrollment changes. */
  readonly revision: pulumi.Output<string>;
  /** Base64, secret. Undefined without symmetric keys, and where a vault keeps them. */
  readonly primaryKey: pulumi.Output<string | undefined>;
  /** As primaryKey. */
  readonly secondaryKey: pulumi.Output<string | undefined>;
  /** Key Vault secret ID of the primary key; undefined without a vault. */
  readonly primaryKeyId: pulumi.Output<string | undefined>;
  /** Key Vault secret ID of the secondary key; undefined without a vault. */
  readonly secondaryKeyId: pulumi.Output<string | undefined>;

  /**
   * Create an IndividualEnrollment with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: IndividualEnrollmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("IndividualEnrollment"), name, withSecrets(args), opts);
    const { service, vault, ...inputs } = args;
    const enrollment = new IndividualEnrollmentResource(
      childName(name, "enrollment"),
      {
        ...inputs,
        serviceEndpoint: service.serviceEndpoint,
        ...symmetricKeyInputs(this, vault, args.registrationId, "enrollment"),
      },
      { parent: this, dependsOn: args.iotHubs === undefined ? [] : linksOf(service) },
    );
    this.registrationId = enrollment.registrationId;
    this.deviceId = pulumi.all([args.deviceId, enrollment.registrationId]).apply(([own, other]) => own ?? other);
    this.provisioningStatus = enrollment.provisioningStatus;
    this.revision = enrollment.revision;
    const keys = symmetricKeyOutputs(args.symmetricKey, vault, enrollment);
    this.primaryKey = keys.primaryKey;
    this.secondaryKey = keys.secondaryKey;
    this.primaryKeyId = keys.primaryKeyId;
    this.secondaryKeyId = keys.secondaryKeyId;
    logAdoption(this, "enrollment", args.registrationId, args.adopt);
    this.registerOutputs({ registrationId: this.registrationId, deviceId: this.deviceId });
  }

  /** The enrollment in the stack output `individualEnrollments`. */
  get summary(): pulumi.Output<{ registrationId: string; deviceId: string; provisioningStatus: string }> {
    const { registrationId, deviceId, provisioningStatus } = this;
    return pulumi.output({ registrationId, deviceId, provisioningStatus });
  }
}
