import type * as pulumi from "@pulumi/pulumi";

// Loaded only by stacks that have a storage account.
const load = () => require("@pulumi/azure-native/storage") as typeof import("@pulumi/azure-native/storage");

/** Where a storage account is created. */
export interface StoragePlace {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: pulumi.Input<string>;
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** A storage account without shared keys, public access, and TLS before 1.2. */
export function privateStorageAccount(name: string, place: StoragePlace, options: pulumi.CustomResourceOptions) {
  return new (load().StorageAccount)(
    name,
    {
      resourceGroupName: place.resourceGroupName,
      location: place.location,
      tags: place.tags,
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
