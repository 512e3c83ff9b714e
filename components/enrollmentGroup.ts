import * as pulumi from "@pulumi/pulumi";
import { type EnrollmentGroupInputs, EnrollmentGroupResource } from "../providers/enrollmentGroupResource";
import type { StoredKeyInputs } from "../providers/enrollmentInputs";
import { tellAdoption } from "./adoption";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";
import { keysStoredIn, type VaultStore } from "./vaultStore";

/** Arguments of {@link EnrollmentGroup}; exactly one of caReference, signingCertificate and symmetricKey. */
export interface EnrollmentGroupArgs extends Omit<EnrollmentGroupInputs, "serviceEndpoint" | keyof StoredKeyInputs> {
  readonly service: ProvisioningService;
  /** Where both keys of `symmetricKey: {}` are kept, as secrets of a vault used for `secrets`. Default: the stack's state. */
  readonly store?: VaultStore | undefined;
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
  /** Base64, secret; or the address of the vault's secret that holds it, which is none. Undefined without symmetric keys. */
  readonly primaryKey: pulumi.Output<string | undefined>;
  readonly secondaryKey: pulumi.Output<string | undefined>;

  constructor(name: string, args: EnrollmentGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("EnrollmentGroup"), name, {}, opts);
    const { service, store, ...inputs } = args;
    const { serviceEndpoint } = service;
    const group = new EnrollmentGroupResource(
      childName(name, "enrollment"),
      { ...inputs, serviceEndpoint, ...keysStoredIn(this, store, args.enrollmentGroupId, "group") },
      { parent: this },
    );
    this.enrollmentGroupId = group.enrollmentGroupId;
    this.provisioningStatus = group.provisioningStatus;
    this.revision = group.revision;
    this.primaryKey = store === undefined ? group.primaryKey : group.primaryKeyId;
    this.secondaryKey = store === undefined ? group.secondaryKey : group.secondaryKeyId;
    tellAdoption(this, args.enrollmentGroupId, args.adopt);
    this.registerOutputs({ enrollmentGroupId: this.enrollmentGroupId, provisioningStatus: this.provisioningStatus });
  }

  /** What a stack's output tells of the group. */
  get summary(): pulumi.Output<{ enrollmentGroupId: string; provisioningStatus: string }> {
    const { enrollmentGroupId, provisioningStatus } = this;
    return pulumi.output({ enrollmentGroupId, provisioningStatus });
  }
}
