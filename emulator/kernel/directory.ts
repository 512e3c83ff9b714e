/**
 * What the data planes read of the control plane (ARM): existing hubs and provisioning services, their keys and their
 * certificates.
 */

/** A shared access policy of a hub or a provisioning service. */
export interface SharedAccessPolicy {
  readonly keyName: string;
  /** Base64. */
  readonly primaryKey: string;
  readonly secondaryKey: string;
  /** For example `RegistryRead`, `ServiceConnect`, `EnrollmentWrite`. */
  readonly rights: readonly string[];
}

/** A hub linked to a provisioning service. */
export interface LinkedHub {
  /** Host name, lower case. */
  readonly hostName: string;
  readonly location: string;
  /** Whether allocation may choose it. Default true. */
  readonly applyAllocationPolicy: boolean;
  /** 1 to 1000, default 1. */
  readonly allocationWeight: number;
  /** Whether the hub accepts the link now: false when its key is no longer valid, or the identity lacks its role. */
  readonly isOpen: boolean;
}

export interface ProvisioningServiceRecord {
  /** Unique: a service created again under an old name has another. */
  readonly key: string;
  /** ARM ID: the scope of role assignments. */
  readonly id: string;
  readonly name: string;
  readonly idScope: string;
  readonly allocationPolicy: "Hashed" | "GeoLatency" | "Static";
  readonly linkedHubs: readonly LinkedHub[];
  /** Empty while `disableLocalAuth` is set. */
  readonly policies: readonly SharedAccessPolicy[];
}

/** How the messages of a queue are delivered. */
export interface DeliverySettings {
  /** How long a received message stays locked, in milliseconds. */
  readonly lockMs: number;
  readonly ttlMs: number;
  /** Deliveries after which a message that is not completed leaves the queue. */
  readonly maxDeliveryCount: number;
}

/** A hub's `cloudToDevice`. */
export interface CloudToDeviceSettings {
  readonly defaultTtlMs: number;
  readonly maxDeliveryCount: number;
  readonly feedback: DeliverySettings;
}

/** Where devices of a hub upload files: its `storageEndpoints.$default`. */
export interface UploadEndpoint {
  /** Secret: it has the account's key. */
  readonly connectionString: string;
  /** The name of the container. */
  readonly container: string;
  /** How long the signature of an upload is valid, in milliseconds. */
  readonly sasTtlMs: number;
  /** `authenticationType: identityBased`: the hub signs with its managed identity, not with the account's key. */
  readonly isIdentityBased: boolean;
  /** The ARM ID of the user-assigned identity. Default: the system-assigned one. */
  readonly userAssignedIdentity?: string;
}

/** A hub's settings of file uploads. */
export interface FileUploadSettings {
  /** Undefined where no storage is configured. */
  readonly storage?: UploadEndpoint;
  /** `enableFileUploadNotifications`: whether the service is notified of uploaded files. */
  readonly notifies: boolean;
  /** `messagingEndpoints.fileNotifications`. */
  readonly notifications: DeliverySettings;
}

/** The address of a built-in, Event Hubs-compatible endpoint. */
export interface EventsAddress {
  /** `iothub-ns-….servicebus.windows.net`, lower case. */
  readonly host: string;
  /** The name of the event hub, lower case. */
  readonly path: string;
}

/** A hub's built-in events endpoint. */
export interface EventsEndpoint extends EventsAddress {
  /** How long it keeps events, in milliseconds. */
  readonly retentionMs: number;
}

/** The sources of messages that routes name. */
export type MessageSource =
  | "DeviceMessages"
  | "TwinChangeEvents"
  | "DeviceLifecycleEvents"
  | "DeviceConnectionStateEvents"
  | "DeviceJobLifecycleEvents"
  | "DigitalTwinChangeEvents";

/** A route of a hub's messages. */
export interface HubRoute {
  readonly source: string;
  /** In the language of message routing. */
  readonly condition: string;
  /** `events` is the built-in endpoint. */
  readonly endpointNames: readonly string[];
  readonly isEnabled: boolean;
}

/** A property that a hub adds to messages on their way to endpoints. */
export interface HubEnrichment {
  readonly key: string;
  /** A text, `$iothubname`, or a path of the twin: `$twin.tags.site`. */
  readonly value: string;
  readonly endpointNames: readonly string[];
}

/** A hub's message routing. */
export interface HubRouting {
  readonly routes: readonly HubRoute[];
  /** For messages of devices that match no route. */
  readonly fallback: HubRoute;
  readonly enrichments: readonly HubEnrichment[];
}

export interface HubRecord {
  /** Unique, as above. */
  readonly key: string;
  /** ARM ID, as above. */
  readonly id: string;
  readonly name: string;
  /** Lower case. */
  readonly hostName: string;
  /** Empty while `disableLocalAuth` is set. */
  readonly policies: readonly SharedAccessPolicy[];
  /** `disableDeviceSAS`: refuses devices with symmetric keys. */
  readonly refusesDeviceSas: boolean;
  /** `disableModuleSAS`: refuses modules with symmetric keys. */
  readonly refusesModuleSas: boolean;
  /** How many jobs the hub's tier runs or schedules at the same time. */
  readonly activeJobLimit: number;
  /** Partitions of the built-in events endpoint. */
  readonly partitionCount: number;
  readonly events: EventsEndpoint;
  readonly routing: HubRouting;
  readonly cloudToDevice: CloudToDeviceSettings;
  readonly fileUpload: FileUploadSettings;
}

/** A CA certificate uploaded to a provisioning service. */
export interface CaCertificateRecord {
  readonly name: string;
  readonly der: Buffer;
  readonly isVerified: boolean;
}

export interface Directory {
  provisioningService(name: string): ProvisioningServiceRecord | undefined;
  provisioningServiceByIdScope(idScope: string): ProvisioningServiceRecord | undefined;
  /** All certificates of a service (by its key), verified or not. The same array until one of them changes. */
  certificates(provisioningServiceKey: string): readonly CaCertificateRecord[];
  hub(hostName: string): HubRecord | undefined;
  /** By the record's key. */
  hubByKey(key: string): HubRecord | undefined;
  /** The hubs with a built-in events endpoint at an address. Paths of two hubs may be the same, hosts are not. */
  hubsWithEvents(address: Partial<EventsAddress>): readonly HubRecord[];
  /** Whether the events endpoint of a hub (by its key) has a consumer group. */
  hasConsumerGroup(hubKey: string, name: string): boolean;
  /**
   * Whether a principal (object ID) may do a data action at a scope (ARM ID), for example
   * `Microsoft.Devices/IotHubs/devices/read`: by a role assignment, or as the application that owns the subscription.
   */
  allows(objectId: string, scope: string, dataAction: string): boolean;
  /** A hub's system-assigned identity, or a user-assigned one by its ARM ID; undefined where the hub does not have it. By the record's key. */
  hubIdentity(hubKey: string, userAssigned?: string): Pick<ManagedPrincipal, "objectId" | "clientId"> | undefined;
  /** The scope of roles at a storage account, or at a container of it: of the subscription where ARM has no such account. */
  storageScope(account: string, container?: string): string;
  /** The listener runs inside the transaction that removes a hub or a service, to remove its data. */
  onRemoved(listener: (kind: "hub" | "provisioningService", key: string) => void): void;
}

/** The service principal of a managed identity: it exists as long as its resource has the identity. */
export interface ManagedPrincipal {
  readonly objectId: string;
  readonly clientId: string;
  /** The name and the ARM ID of the user-assigned identity, or of the resource with a system-assigned one. */
  readonly name: string;
  readonly resourceId: string;
  readonly isUserAssigned: boolean;
}

/** Lists the service principals of managed identities. */
export interface ManagedPrincipals {
  principals(): readonly ManagedPrincipal[];
}

/** The principal of a bearer token. */
export interface Principal {
  readonly tenantId: string;
  readonly objectId: string;
  readonly clientId: string;
}

/** Why a bearer token is invalid. */
export type TokenError = "malformed" | "signature" | "issuer" | "audience" | "expired" | "notYetValid";

/** Validates Entra's bearer tokens: signature, issuer, expiry and audience. */
export interface TokenValidator {
  /** One of `audiences`, without a trailing slash, must match. */
  validate(
    bearer: string,
    audiences: readonly string[],
  ): { readonly ok: true; readonly principal: Principal } | { readonly ok: false; readonly reason: TokenError };
}
