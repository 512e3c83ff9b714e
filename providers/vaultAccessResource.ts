import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** Inputs of {@link VaultAccessResource}. */
export interface VaultAccessInputs {
  /** `https://NAME.vault.azure.net`, with or without a slash at the end. */
  readonly vaultUri: pulumi.Input<string>;
  /** Of `keys`, `certificates` and `secrets` those that are to be used. */
  readonly kinds: pulumi.Input<readonly string[]>;
  /** Ids of the role assignments that this stack makes; while there are any, access is waited for up to ten minutes. */
  readonly grants?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
}

/** Waits until the deploying identity has data-plane access to the vault. */
export class VaultAccessResource extends DynamicResource {
  /** The vault's address, known once it is open. */
  declare readonly openUri: pulumi.Output<string>;

  constructor(name: string, inputs: VaultAccessInputs, opts?: pulumi.CustomResourceOptions) {
    super("vaultAccess", name, ["openUri"], inputs, opts);
  }
}
