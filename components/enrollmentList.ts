import * as pulumi from "@pulumi/pulumi";
import {
  EnrollmentListResource,
  type GeneratedKeys,
  type KeyReferences,
  type ListedEnrollment,
} from "../providers/enrollmentListResource";
import { adoptionOf, logAdoption } from "./adoption";
import { type EnrollmentService, linksOf } from "./enrollmentService";
import { childName, componentType, isListed } from "./naming";
import { hasThumbprint } from "./thumbprint";
import { checkVaultUse, type VaultReference, vaultInputs } from "./vaultReference";

/** Verified certificates of the provisioning service that devices' certificates must lead to. */
export interface CaReferences {
  caReference?: pulumi.Input<string>;
  /** A second one, for a rollover with overlap. */
  secondaryCaReference?: pulumi.Input<string>;
}

/** The set of arguments for constructing an {@link EnrollmentList}. */
export interface EnrollmentListArgs {
  /** The provisioning service. */
  service: EnrollmentService;
  /** Enrollments by registration ID, as `readEnrollmentFile` (enrollmentFile/) returns them. */
  enrollments: Readonly<Record<string, ListedEnrollment>>;
  /** Attestation of entries that name none. Default: each entry must name one. */
  defaultAttestation?: CaReferences;
  /** PEM of the verified CAs and their intermediates: a preview warns of certificates that lead to none of them. */
  trustedCertificates?: pulumi.Input<string>;
  /** Registration IDs whose enrollments are disabled. */
  revoked: string[];
  /** SHA-1 or SHA-256 thumbprints, upper-case hexadecimal: enrollments with such a certificate are disabled. */
  revokedThumbprints: string[];
  /** Registration IDs, in lower case, whose enrollments are disabled. Default: none. */
  disabledEnrollments?: string[];
  /** Existing enrollments to adopt: by registration ID, `true` or the expected ETag. Default: none. */
  adopt?: Readonly<Record<string, true | string>>;
  /**
   * Keeps both keys of each entry with `symmetricKey: {}` as secrets of a vault. Keys given in an entry stay secrets of the
   * stack. Default: the stack's state.
   */
  vault?: VaultReference;
}

/** Key Vault secret IDs of an enrollment's symmetric keys, with their versions; undefined until the vault has them. */
export interface SymmetricKeyIds {
  readonly primaryKeyId?: string;
  readonly secondaryKeyId?: string;
}

/** The inputs that choose a kind of attestation. */
const ATTESTATIONS = ["certificate", "caReference", "symmetricKey", "tpm"] as const;

/** Thousands of individual enrollments as one resource; each entry is an input of its own. */
export class EnrollmentList extends pulumi.ComponentResource {
  /** Registration IDs, in their given letter case. */
  readonly registrationIds: string[];
  /** Keys by registration ID, for entries with `symmetricKey: {}`; secret. Empty where a vault keeps them. */
  readonly symmetricKeys: pulumi.Output<Readonly<Record<string, GeneratedKeys>>>;
  /** Key Vault secret IDs of those keys by registration ID; undefined without a vault. */
  readonly symmetricKeyIds: pulumi.Output<Readonly<Record<string, SymmetricKeyIds>>> | undefined;

  /**
   * Create an EnrollmentList with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: EnrollmentListArgs, opts?: pulumi.ComponentResourceOptions) {
    // The resource below has the enrollments as inputs, with their secrets marked.
    super(componentType("EnrollmentList"), name, { ...args, enrollments: undefined }, opts);
    const { service, vault } = args;
    checkVaultUse(this, vault, "secrets");
    const namesHubs = Object.values(args.enrollments).some(({ iotHubs }) => iotHubs !== undefined);
    const list = new EnrollmentListResource(
      childName(name, "enrollments"),
      {
        serviceEndpoint: service.serviceEndpoint,
        trustedCertificates: args.trustedCertificates,
        ...(vault && vaultInputs(vault)),
        enrollments: enrollmentInputs(args),
      },
      { parent: this, dependsOn: namesHubs ? linksOf(service) : [] },
    );
    this.registrationIds = Object.keys(args.enrollments);
    this.symmetricKeys = list.symmetricKeys;
    this.symmetricKeyIds = vault && list.storedKeys.apply(symmetricKeyIds);
    for (const id of this.registrationIds) logAdoption(this, "enrollment", id, adoptionOf(args.adopt, id));
    this.registerOutputs(this.summary);
  }

  /** The stack output `enrollmentList`. */
  get summary(): { readonly count: number } {
    return { count: this.registrationIds.length };
  }
}

function enrollmentInputs(args: EnrollmentListArgs): Readonly<Record<string, ListedEnrollment>> {
  const revoked = new Set(args.revoked.map((id) => id.toLowerCase()));
  const isRevoked = (id: string, entry: ListedEnrollment): boolean =>
    revoked.has(id.toLowerCase()) || hasCertificate(entry, args.revokedThumbprints);
  const inputs = Object.entries(args.enrollments).map(([id, entry]): [string, ListedEnrollment] => {
    const isAttested = ATTESTATIONS.some((kind) => entry[kind] !== undefined);
    const adopt = adoptionOf(args.adopt, id);
    return [
      id,
      {
        ...entry,
        ...(isAttested ? {} : args.defaultAttestation),
        ...(isRevoked(id, entry) || isListed(args.disabledEnrollments ?? [], id)
          ? { provisioningStatus: "disabled" }
          : {}),
        ...(adopt === undefined ? {} : { adopt }),
      },
    ];
  });
  return Object.fromEntries(inputs);
}

const symmetricKeyIds = (storedKeys: Readonly<Record<string, KeyReferences>> = {}): Record<string, SymmetricKeyIds> =>
  Object.fromEntries(
    Object.entries(storedKeys).map(([id, { primaryKeyId, secondaryKeyId }]) => [id, { primaryKeyId, secondaryKeyId }]),
  );

/** Whether a certificate of the entry has one of these thumbprints. Revocations handle certificates that are outputs. */
const hasCertificate = (entry: ListedEnrollment, thumbprints: readonly string[]): boolean =>
  thumbprints.length > 0 &&
  [entry.certificate, entry.secondaryCertificate].some(
    (pem) => typeof pem === "string" && hasThumbprint(pem, thumbprints),
  );
