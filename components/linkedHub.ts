import type * as pulumi from "@pulumi/pulumi";

/** A hub to link, such as an `IotHub`. */
export interface LinkedHub {
  /** `NAME.azure-devices.net`. */
  hostName: pulumi.Input<string>;
  /** The Azure region. */
  location: pulumi.Input<string>;
  /** The resource ID: the scope of the role of the provisioning service. Required for a link by identity. */
  resourceId?: pulumi.Input<string>;
  /** Connection string of a shared access policy with RegistryWrite and ServiceConnect. Required for a link by key. */
  connectionString?: pulumi.Input<string>;
  /** The weight of the hub in the allocation, 1 to 1000. Default 1. */
  allocationWeight?: pulumi.Input<number>;
  /** Whether the allocation policy may choose the hub. Default true. */
  applyAllocationPolicy?: pulumi.Input<boolean>;
}

/** A user-assigned managed identity, such as a `UserAssignedIdentity` of azure-native. */
export interface LinkIdentity {
  /** The resource ID. */
  resourceId: pulumi.Input<string>;
  /** The object ID. */
  principalId: pulumi.Input<string>;
}

/** How a provisioning service is linked to its hubs; `unmanaged` leaves the links as they are in Azure. */
export type LinkBy = "identity" | "key" | "unmanaged";
