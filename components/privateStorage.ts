import type * as pulumi from "@pulumi/pulumi";

// Loaded only by stacks that have a storage account.
const load = () => require("@pulumi/azure-native/storage") as typeof import("@pulumi/azure-native/storage");

/** The arguments of a storage account. */
export interface StorageAccountArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: pulumi.Input<string>;
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** A storage account that refuses shared keys, public access and TLS below 1.2. */
export function privateStorageAccount(name: string, args: StorageAccountArgs, options: pulumi.CustomResourceOptions) {
  return new (load().StorageAccount)(
    name,
    {
      ...args,
      kind: "StorageV2",
      sku: { name: "Standard_ZRS" },
      allowBlobPublicAccess: false,
      allowSharedKeyAccess: false,
      allowCrossTenantReplication: false,
      defaultToOAuthAuthentication: true,
      enableHttpsTrafficOnly: true,
      minimumTlsVersion: "TLS1_2",
    },
    options,
  );
}
