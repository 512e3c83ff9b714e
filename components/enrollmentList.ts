import * as pulumi from "@pulumi/pulumi";
import {
  EnrollmentListResource,
  type KeyReferences,
  type ListedEnrollment,
  type MadeKeys,
} from "../providers/enrollmentListResource";
import { tellAdoption } from "./adoption";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";
import { hasThumbprint } from "./thumbprint";
import { keptIn, type VaultStore, vaultOfKeys } from "./vaultStore";

/** Arguments of {@link EnrollmentList}. */
export interface EnrollmentListArgs {
  readonly service: ProvisioningService;
  /** By registration ID; what `readEnrollmentFile` (enrollmentFile/) makes of a file, or the program itself. */
  readonly enrollments: Readonly<Record<string, ListedEnrollment>>;
  /** How the devices prove themselves whose entry names no attestation. Default: each entry must name one. */
  readonly otherwise?: Pick<ListedEnrollment, "caReference" | "secondaryCaReference"> | undefined;
  /** PEM of the CAs that are known to be verified, with intermediates: previews tell of paths that lead to none of them. */
  readonly trustedCertificates?: pulumi.Input<string> | undefined;
  /** Registration IDs in lower case; their enrollments are disabled. Default: none. */
  readonly revoked?: ReadonlySet<string> | undefined;
  /** SHA-1 or SHA-256, upper-case hexadecimal: enrollments by such a certificate are disabled. Default: none. */
  readonly revokedThumbprints?: ReadonlySet<string> | undefined;
  /** What is taken over: by registration ID in lower case, `true` or the ETag that it must have. Default: nothing. */
  readonly adopt?: ReadonlyMap<string, true | string> | undefined;
  /**
   * Where both keys of each entry with `symmetricKey: {}` are kept, as secrets of a vault used for `secrets`. Keys that an
   * entry gives itself stay secrets of the stack. Default: the stack's state.
   */
  readonly store?: VaultStore | undefined;
}

/** The inputs by which an entry chooses a kind of attestation. */
const KINDS = ["certificate", "caReference", "symmetricKey", "tpm"] as const;

/** Individual enrollments by the thousand, as one resource: a change in the midst is a change of that one entry. */
export class EnrollmentList extends pulumi.ComponentResource {
  /** As they were given. */
  readonly registrationIds: readonly string[];
  /**
   * By registration ID, of the devices whose entry has `symmetricKey: {}`; secret. With a store the addresses of the
   * vault's secrets that hold them, which are none.
   */
  readonly symmetricKeys: pulumi.Output<Readonly<Record<string, MadeKeys>>>;

  constructor(name: string, args: EnrollmentListArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("EnrollmentList"), name, {}, opts);
    const entries = Object.entries(args.enrollments);
    const vault = vaultOfKeys(this, args.store);
    const list = new EnrollmentListResource(
      childName(name, "enrollments"),
      {
        serviceEndpoint: args.service.serviceEndpoint,
        trustedCertificates: args.trustedCertificates,
        ...(vault && keptIn(vault)),
        enrollments: Object.fromEntries(entries.map(([id, entry]) => [id, wholeEntry(id, entry, args)])),
      },
      { parent: this },
    );
    this.registrationIds = entries.map(([id]) => id);
    this.symmetricKeys = vault === undefined ? list.symmetricKeys : list.storedKeys.apply(addressesOf);
    for (const id of this.registrationIds) tellAdoption(this, id, args.adopt?.get(id.toLowerCase()));
    this.registerOutputs(this.summary);
  }

  /** What a stack's output tells of the list. */
  get summary(): { readonly count: number } {
    return { count: this.registrationIds.length };
  }
}

function wholeEntry(id: string, entry: ListedEnrollment, args: EnrollmentListArgs): ListedEnrollment {
  const isNamed = KINDS.some((kind) => entry[kind] !== undefined);
  const adopt = args.adopt?.get(id.toLowerCase());
  return {
    ...entry,
    ...(isNamed ? {} : args.otherwise),
    ...(args.revoked?.has(id.toLowerCase()) || hasRevoked(entry, args.revokedThumbprints)
      ? { provisioningStatus: "disabled" as const }
      : {}),
    ...(adopt === undefined ? {} : { adopt }),
  };
}

const addressesOf = (storedKeys: Readonly<Record<string, KeyReferences>> = {}): Record<string, MadeKeys> =>
  Object.fromEntries(
    Object.entries(storedKeys).map(([id, { primaryKeyId = "", secondaryKeyId = "" }]) => [
      id,
      { primaryKey: primaryKeyId, secondaryKey: secondaryKeyId },
    ]),
  );

/** Whether a certificate of the entry is among the revoked. One that only a run tells is left to the revocations. */
function hasRevoked({ certificate, secondaryCertificate }: ListedEnrollment, thumbprints = NONE): boolean {
  if (thumbprints.size === 0) return false;
  return [certificate, secondaryCertificate].some((pem) => typeof pem === "string" && hasThumbprint(pem, thumbprints));
}

const NONE: ReadonlySet<string> = new Set();
