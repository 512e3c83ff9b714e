import * as pulumi from "@pulumi/pulumi";
import type { SymmetricKey } from "../providers/enrollmentInputs";
import type { EnrollmentResource } from "../providers/enrollmentResource";
import type { VaultReference } from "./vaultReference";

/** An enrollment's symmetric keys, and where a vault keeps them. */
export interface SymmetricKeyOutputs {
  readonly primaryKey: pulumi.Output<string | undefined>;
  readonly secondaryKey: pulumi.Output<string | undefined>;
  readonly primaryKeyId: pulumi.Output<string | undefined>;
  readonly secondaryKeyId: pulumi.Output<string | undefined>;
}

const NONE: pulumi.Output<string | undefined> = pulumi.output(undefined);

/**
 * The keys of an enrollment as its component returns them. An output that a resource does not have is unknown in every
 * preview, so the arguments decide which ones there are.
 */
export function symmetricKeyOutputs(
  symmetricKey: pulumi.Input<SymmetricKey> | undefined,
  vault: VaultReference | undefined,
  enrollment: EnrollmentResource,
): SymmetricKeyOutputs {
  const { primaryKey, secondaryKey, primaryKeyId, secondaryKeyId } = enrollment;
  if (symmetricKey === undefined)
    return { primaryKey: NONE, secondaryKey: NONE, primaryKeyId: NONE, secondaryKeyId: NONE };
  if (vault === undefined) return { primaryKey, secondaryKey, primaryKeyId: NONE, secondaryKeyId: NONE };
  const given = pulumi.secret(symmetricKey);
  const ifKept = (id: typeof NONE) =>
    pulumi.unsecret(given.apply((keys) => (keys.primaryKey === undefined ? id : NONE)));
  return {
    primaryKey: given.apply((keys) => keys.primaryKey),
    secondaryKey: given.apply((keys) => keys.secondaryKey),
    primaryKeyId: ifKept(primaryKeyId),
    secondaryKeyId: ifKept(secondaryKeyId),
  };
}
