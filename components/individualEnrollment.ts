import * as pulumi from "@pulumi/pulumi";
import { type IndividualEnrollmentInputs, IndividualEnrollmentResource } from "../providers/individualEnrollment";
import { tellAdoption } from "./adoption";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";

/** Arguments of {@link IndividualEnrollment}; exactly one of certificate, caReference, symmetricKey and tpm. */
export interface IndividualEnrollmentArgs extends Omit<IndividualEnrollmentInputs, "serviceEndpoint"> {
  readonly service: ProvisioningService;
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
  /** Base64, secret; undefined without symmetric keys. */
  readonly primaryKey: pulumi.Output<string | undefined>;
  readonly secondaryKey: pulumi.Output<string | undefined>;

  constructor(name: string, args: IndividualEnrollmentArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("IndividualEnrollment"), name, {}, opts);
    const { service, ...inputs } = args;
    const { serviceEndpoint } = service;
    const enrollment = new IndividualEnrollmentResource(
      childName(name, "enrollment"),
      { ...inputs, serviceEndpoint },
      { parent: this },
    );
    this.registrationId = enrollment.registrationId;
    this.deviceId = pulumi.all([enrollment.deviceId, enrollment.registrationId]).apply(([own, other]) => own ?? other);
    this.provisioningStatus = enrollment.provisioningStatus;
    this.revision = enrollment.revision;
    this.primaryKey = enrollment.primaryKey;
    this.secondaryKey = enrollment.secondaryKey;
    tellAdoption(this, args.registrationId, args.adopt);
    this.registerOutputs({ registrationId: this.registrationId, deviceId: this.deviceId });
  }

  /** What a stack's output tells of the enrollment. */
  get summary(): pulumi.Output<{ registrationId: string; deviceId: string; provisioningStatus: string }> {
    const { registrationId, deviceId, provisioningStatus } = this;
    return pulumi.output({ registrationId, deviceId, provisioningStatus });
  }
}
