import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** How to treat soft-deleted vaults, keys and certificates of a name: recover or purge them. */
export type SoftDeleted = "recover" | "purge";

/** Inputs of {@link VaultNameResource}. */
export interface VaultNameInputs {
  readonly subscriptionId: pulumi.Input<string>;
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region. */
  readonly location: pulumi.Input<string>;
  /** 3 to 24 letters, digits and hyphens, unique in all of Azure. Default: chosen. A change replaces. */
  readonly name?: pulumi.Input<string> | undefined;
  /** What a chosen name begins with, up to 16 characters; eight hexadecimal digits follow. */
  readonly namePrefix: pulumi.Input<string>;
  /** How to treat a soft-deleted vault of the name, and with this vault at its end. Default `recover`. */
  readonly softDeleted?: pulumi.Input<SoftDeleted> | undefined;
  /** Whether the vault has purge protection; default false. */
  readonly purgeProtection?: pulumi.Input<boolean> | undefined;
}

/** The name of a vault: made before it and deleted after it, it settles what soft delete keeps under the name. */
export class VaultNameResource extends DynamicResource {
  declare readonly vaultName: pulumi.Output<string>;
  /** How the vault is to be made: `default`, or `recover` for a deleted one. */
  declare readonly createMode: pulumi.Output<string>;

  constructor(name: string, inputs: VaultNameInputs, opts?: pulumi.CustomResourceOptions) {
    super("vaultName", name, ["vaultName", "createMode"], inputs, opts);
  }
}
