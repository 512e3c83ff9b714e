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
  /** Whether a soft-deleted vault of the name is recovered or purged; `purge` also applies when this vault is deleted. Default `recover`. */
  readonly softDeleted?: pulumi.Input<SoftDeleted> | undefined;
  /** Whether the vault has purge protection; default false. */
  readonly purgeProtection?: pulumi.Input<boolean> | undefined;
}

/** Reserves a vault's name: recovers or purges a soft-deleted vault before the create, and purges after the delete. */
export class VaultNameResource extends DynamicResource {
  declare readonly vaultName: pulumi.Output<string>;
  /** The create mode of the vault: `default`, or `recover` for a deleted one. */
  declare readonly createMode: pulumi.Output<string>;

  constructor(name: string, inputs: VaultNameInputs, opts?: pulumi.CustomResourceOptions) {
    super("vaultName", name, ["vaultName", "createMode"], inputs, opts);
  }
}
