/**
 * A provisioning service as ARM returns it, with its linked hubs.
 * Source: Azure REST API "Iot Dps Resource", 2026-08-31 (ProvisioningServiceDescription, IotHubDefinitionDescription).
 */
import type { JsonObject } from "./jsonObject";

/** How a provisioning service signs in to a linked hub. */
export type HubAuthenticationType = "KeyBased" | "SystemAssigned" | "UserAssigned";

/** A linked hub. */
export interface HubLink {
  /** Host name of the hub, read-only. */
  readonly name?: string;
  /** Required without a connection string. */
  readonly hostName?: string;
  /** Absent means KeyBased. */
  readonly authenticationType?: HubAuthenticationType;
  /** ARM ID, for UserAssigned. */
  readonly selectedUserAssignedIdentityResourceId?: string;
  /** Its key is masked in responses; empty for a link by identity. */
  readonly connectionString?: string;
  /** Azure region of the hub. */
  readonly location: string;
  readonly allocationWeight?: number | null;
  readonly applyAllocationPolicy?: boolean | null;
}

export interface ProvisioningServiceBody {
  readonly name: string;
  readonly location: string;
  readonly etag?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly sku: JsonObject;
  readonly identity?: {
    readonly type: string;
    /** Object ID of the system-assigned identity. */
    readonly principalId?: string;
    readonly userAssignedIdentities?: Readonly<Record<string, unknown>>;
  };
  readonly properties: JsonObject & {
    /** `Active` once a change is complete. */
    readonly state?: string;
    /** `Succeeded` or `Failed` once a change is complete. */
    readonly provisioningState?: string;
    readonly iotHubs?: readonly HubLink[];
    /** Whether the service API accepts Entra tokens only. Default false. */
    readonly disableLocalAuth?: boolean;
  };
}
