/** What the data plane of Key Vault reads of the control plane (ARM). */

/** An access policy of one principal: permission names in lower case, `all` for every one. */
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
  /** Unique. A recovered vault keeps it, and with it everything in the vault. */
  readonly key: string;
  readonly name: string;
  /** Lower case. */
  readonly hostName: string;
  /** ARM ID in Azure's letter case: the scope of role assignments. */
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
  /** Whether the SKU is premium, which keeps keys in hardware. */
  readonly isPremium: boolean;
  /** Why clients from the public network are refused; undefined when they are not. */
  readonly closedBy?: "connection" | "firewall";
}

export interface VaultDirectory {
  /** The vault of a name, in any letter case; undefined for a deleted one. */
  vault(name: string): VaultRecord | undefined;
  /**
   * Whether a role assignment at a scope or above grants a principal (object ID) a data action, for example
   * `Microsoft.KeyVault/vaults/secrets/getSecret/action`. `scope`: the ARM ID of a vault, or of an object in it.
   */
  allows(objectId: string, scope: string, dataAction: string): boolean;
  /** The listener runs inside the transaction that purges a vault, to remove its data. */
  onVaultPurged(listener: (vaultKey: string) => void): void;
}
