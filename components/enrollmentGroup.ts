import * as pulumi from "@pulumi/pulumi";
import { type EnrollmentGroupInputs, EnrollmentGroupResource } from "../providers/enrollmentGroupResource";
import { type StoredKeyInputs, withSecrets } from "../providers/enrollmentInputs";
import { logAdoption } from "./adoption";
import { type EnrollmentService, linksOf } from "./enrollmentService";
import { childName, componentType } from "./naming";
import { symmetricKeyOutputs } from "./symmetricKeyOutputs";
import { symmetricKeyInputs, type VaultReference } from "./vaultReference";

/**
 * The set of arguments for constructing an {@link EnrollmentGroup}; exactly one of caReference, signingCertificate and
 * symmetricKey.
 */
export interface EnrollmentGroupArgs extends Omit<EnrollmentGroupInputs, "serviceEndpoint" | keyof StoredKeyInputs> {
  /** The provisioning service. */
  service: EnrollmentService;
  /** Keeps both keys of `symmetricKey: {}` as secrets of a vault. Default: the stack's state. */
  vault?: VaultReference;
}

/**
 * An enrollment group of a provisioning service. Use a stable name, so that a new ID replaces the group: a CA may be in one
 * group only (Azure's error 409201), and the old group is deleted first.
 */
export class EnrollmentGroup extends pulumi.ComponentResource {
  /** The enrollment group's ID. */
  readonly enrollmentGroupId: pulumi.Output<string>;
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
   * Create an EnrollmentGroup with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: EnrollmentGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("EnrollmentGroup"), name, withSecrets(args), opts);
    const { service, vault, ...inputs } = args;
    const group = new EnrollmentGroupResource(
      childName(name, "enrollment"),
      {
        ...inputs,
        serviceEndpoint: service.serviceEndpoint,
        ...symmetricKeyInputs(this, vault, args.enrollmentGroupId, "group"),
      },
      { parent: this, dependsOn: args.iotHubs === undefined ? [] : linksOf(service) },
    );
    this.enrollmentGroupId = group.enrollmentGroupId;
    this.provisioningStatus = group.provisioningStatus;
    this.revision = group.revision;
    const keys = symmetricKeyOutputs(args.symmetricKey, vault, group);
    this.primaryKey = keys.primaryKey;
    this.secondaryKey = keys.secondaryKey;
    this.primaryKeyId = keys.primaryKeyId;
    this.secondaryKeyId = keys.secondaryKeyId;
    logAdoption(this, "enrollment", args.enrollmentGroupId, args.adopt);
    this.registerOutputs({ enrollmentGroupId: this.enrollmentGroupId, provisioningStatus: this.provisioningStatus });
  }

  /** The group in the stack output `enrollmentGroups`. */
  get summary(): pulumi.Output<{ enrollmentGroupId: string; provisioningStatus: string }> {
    const { enrollmentGroupId, provisioningStatus } = this;
    return pulumi.output({ enrollmentGroupId, provisioningStatus });
  }
}
