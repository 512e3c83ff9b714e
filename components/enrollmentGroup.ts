import * as pulumi from "@pulumi/pulumi";
import { type EnrollmentGroupInputs, EnrollmentGroupResource } from "../providers/enrollmentGroup";
import { tellAdoption } from "./adoption";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";

/** Arguments of {@link EnrollmentGroup}; exactly one of caReference, signingCertificate and symmetricKey. */
export interface EnrollmentGroupArgs extends Omit<EnrollmentGroupInputs, "serviceEndpoint"> {
  readonly service: ProvisioningService;
}

/**
 * An enrollment group of a provisioning service. Name it by something that stays when its ID changes: then it is replaced,
 * the old group first, as a CA stands in one group only (Azure's error 409201).
 */
export class EnrollmentGroup extends pulumi.ComponentResource {
  readonly enrollmentGroupId: pulumi.Output<string>;
  /** `enabled` or `disabled`. */
  readonly provisioningStatus: pulumi.Output<string>;
  /** Changes when what the enrollment says changes. */
  readonly revision: pulumi.Output<string>;
  /** Base64, secret; undefined without symmetric keys. */
  readonly primaryKey: pulumi.Output<string | undefined>;
  readonly secondaryKey: pulumi.Output<string | undefined>;

  constructor(name: string, args: EnrollmentGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("EnrollmentGroup"), name, {}, opts);
    const { service, ...inputs } = args;
    const { serviceEndpoint } = service;
    const group = new EnrollmentGroupResource(
      childName(name, "enrollment"),
      { ...inputs, serviceEndpoint },
      { parent: this },
    );
    this.enrollmentGroupId = group.enrollmentGroupId;
    this.provisioningStatus = group.provisioningStatus;
    this.revision = group.revision;
    this.primaryKey = group.primaryKey;
    this.secondaryKey = group.secondaryKey;
    tellAdoption(this, args.enrollmentGroupId, args.adopt);
    this.registerOutputs({ enrollmentGroupId: this.enrollmentGroupId, provisioningStatus: this.provisioningStatus });
  }

  /** What a stack's output tells of the group. */
  get summary(): pulumi.Output<{ enrollmentGroupId: string; provisioningStatus: string }> {
    const { enrollmentGroupId, provisioningStatus } = this;
    return pulumi.output({ enrollmentGroupId, provisioningStatus });
  }
}
