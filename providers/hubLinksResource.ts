import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** A hub to link by identity. */
export interface IdentityLinkedHub {
  /** `NAME.azure-devices.net`. */
  readonly hostName: pulumi.Input<string>;
  /** The Azure region of the hub. */
  readonly location: pulumi.Input<string>;
  /** 1 to 1000. Default: Azure's, 1. */
  readonly allocationWeight?: pulumi.Input<number>;
  /** Whether the allocation policy may choose the hub. Default: Azure's, true. */
  readonly applyAllocationPolicy?: pulumi.Input<boolean>;
}

/** Inputs of {@link HubLinksResource}. */
export interface HubLinksInputs {
  /** ARM ID. A change replaces. */
  readonly provisioningServiceId: pulumi.Input<string>;
  /** ETag of the service after the last write of azure-native, which removes the links: another one links the hubs again. */
  readonly serviceEtag: pulumi.Input<string | undefined>;
  /** All linked hubs. */
  readonly hubs: readonly IdentityLinkedHub[];
  /** ARM ID of a user-assigned identity of the service. Default: the system-assigned identity. */
  readonly userAssignedIdentityId?: pulumi.Input<string>;
  /** Whether the service API accepts Entra tokens only. Default: as it is. */
  readonly disableLocalAuth?: pulumi.Input<boolean>;
}

/** The links of a provisioning service to its hubs, by a managed identity. */
export class HubLinksResource extends DynamicResource {
  /** ETag of the service with the links. */
  declare readonly etag: pulumi.Output<string | undefined>;

  constructor(name: string, inputs: HubLinksInputs, opts?: pulumi.CustomResourceOptions) {
    super("hubLinks", name, ["etag"], inputs, opts);
  }
}
