import * as pulumi from "@pulumi/pulumi";
import type { StoredKeyInputs } from "../providers/enrollmentInputs";
import {
  type IndividualEnrollmentInputs,
  IndividualEnrollmentResource,
} from "../providers/individualEnrollmentResource";
import { tellAdoption } from "./adoption";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";
import { keysStoredIn, type VaultStore } from "./vaultStore";

/** Arguments of {@link IndividualEnrollment}; exactly one of certificate, caReference, symmetricKey and tpm. */
export interface IndividualEnrollmentArgs
  extends Omit<IndividualEnrollmentInputs, "serviceEndpoint" | keyof StoredKeyInputs> {
  readonly service: ProvisioningService;
  /** Where both keys of `symmetricKey: {}` are kept, as secrets of a vault used for `secrets`. Default: the stack's state. */
  readonly store?: VaultStore | undefined;
}

/** One device's enrollment with a provisioning service. */
export class IndividualEnrollment extends pulumi.ComponentResource {
  readonly registrationId: pulumi.Output<string>;
  /** The device's ID in the hub. */
  readonly deviceId: pulumi.Output<string>;
  /** `enabled` or `disabled`. */
  readonly provisioningStatus: pulumi.Output<string>;
  /** Changes when what the enrollment says changes. */
  readonly revision: pulumi.Output<string>;
  /** Base64, secret; or the address of the vault's secret that holds it, which is none. Undefined without symmetric keys. */
  readonly primaryKey: pulumi.Output<string | undefined>;
  readonly secondaryKey: pulumi.Output<string | undefined>;

  constructor(name: string, args: IndividualEnrollmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("IndividualEnrollment"), name, {}, opts);
    const { service, store, ...inputs } = args;
    const { serviceEndpoint } = service;
    const enrollment = new IndividualEnrollmentResource(
      childName(name, "enrollment"),
      { ...inputs, serviceEndpoint, ...keysStoredIn(this, store, args.registrationId, "enrollment") },
      { parent: this },
    );
    this.registrationId = enrollment.registrationId;
    this.deviceId = pulumi.all([enrollment.deviceId, enrollment.registrationId]).apply(([own, other]) => own ?? other);
    this.provisioningStatus = enrollment.provisioningStatus;
    this.revision = enrollment.revision;
    this.primaryKey = store === undefined ? enrollment.primaryKey : enrollment.primaryKeyId;
    this.secondaryKey = store === undefined ? enrollment.secondaryKey : enrollment.secondaryKeyId;
    tellAdoption(this, args.registrationId, args.adopt);
    this.registerOutputs({ registrationId: this.registrationId, deviceId: this.deviceId });
  }

  /** What a stack's output tells of the enrollment. */
  get summary(): pulumi.Output<{ registrationId: string; deviceId: string; provisioningStatus: string }> {
    const { registrationId, deviceId, provisioningStatus } = this;
    return pulumi.output({ registrationId, deviceId, provisioningStatus });
  }
}
