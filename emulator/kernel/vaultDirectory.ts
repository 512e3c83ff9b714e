/** What the control plane (ARM) knows of key vaults, and their data plane needs. The ARM side writes it. */

/** What an access policy lets one principal do: permission names in lower case, `all` for every one. */
export interface AccessPolicy {
  readonly tenantId: string;
  readonly objectId: string;
  readonly permissions: {
    readonly keys: readonly string[];
    readonly secrets: readonly string[];
    readonly certificates: readonly string[];
  };
}

export interface VaultRecord {
  /** Never used twice. A vault that is deleted and recovered keeps it, and with it all that it holds. */
  readonly key: string;
  readonly name: string;
  /** Lower case. */
  readonly hostName: string;
  /** ARM id, as Azure writes it: the scope of role assignments. */
  readonly id: string;
  readonly tenantId: string;
  /** For example `westeurope`. */
  readonly location: string;
  /** True: role assignments decide. False: the access policies do. */
  readonly enableRbacAuthorization: boolean;
  readonly accessPolicies: readonly AccessPolicy[];
  /** 7 to 90. */
  readonly softDeleteRetentionInDays: number;
  readonly enablePurgeProtection: boolean;
  /** Whether Azure would keep keys in hardware here: the SKU is premium. */
  readonly isPremium: boolean;
  /** Why no client from the public network gets in; undefined when it does. */
  readonly closedBy?: "connection" | "firewall";
}

export interface VaultDirectory {
  /** The vault that stands under a name, any letter case; a deleted one is not there. */
  vault(name: string): VaultRecord | undefined;
  /**
   * Whether a role assignment at a scope or above lets a principal (object id) do a data action, for example
   * `Microsoft.KeyVault/vaults/secrets/getSecret/action`. `scope`: the ARM id of a vault, or of an object in it.
   */
  allows(objectId: string, scope: string, dataAction: string): boolean;
  /** Called inside the transaction that purges a vault, so that its data goes with it. */
  onVaultPurged(listener: (vaultKey: string) => void): void;
}
