/**
 * Device identities as they are on the wire of IoT Hub's service API.
 * Source: Azure REST API "IoT Hub – Devices", 2021-04-12; "Understand the identity registry".
 */

export type DeviceAuthenticationType = "sas" | "selfSigned" | "certificateAuthority" | "none";

export interface DeviceAuthentication {
  readonly type: DeviceAuthenticationType;
  /** Base64. */
  readonly symmetricKey?: { readonly primaryKey?: string | null; readonly secondaryKey?: string | null };
  /** SHA-1 (40) or SHA-256 (64 hexadecimal digits) of the device's certificate. */
  readonly x509Thumbprint?: {
    readonly primaryThumbprint?: string | null;
    readonly secondaryThumbprint?: string | null;
  };
}

export interface DeviceIdentity {
  readonly deviceId: string;
  readonly generationId?: string;
  readonly etag?: string;
  readonly status?: "enabled" | "disabled";
  readonly statusReason?: string;
  readonly connectionState?: "Connected" | "Disconnected";
  /** ISO 8601; `0001-01-01T00:00:00Z` when there is none. */
  readonly connectionStateUpdatedTime?: string;
  readonly statusUpdatedTime?: string;
  readonly lastActivityTime?: string;
  readonly cloudToDeviceMessageCount?: number;
  readonly authentication?: DeviceAuthentication;
  readonly capabilities?: { readonly iotEdge: boolean };
  /** `ms-azure-iot-edge://…`: of an Edge device its own, of another device its parent's. */
  readonly deviceScope?: string;
  readonly parentScopes?: readonly string[];
}

/** A module identity (Azure REST API "IoT Hub – Modules"). */
export interface ModuleIdentity
  extends Pick<
    DeviceIdentity,
    | "deviceId"
    | "generationId"
    | "etag"
    | "connectionState"
    | "connectionStateUpdatedTime"
    | "lastActivityTime"
    | "cloudToDeviceMessageCount"
    | "authentication"
  > {
  readonly moduleId: string;
  /** For example `IotEdge`. */
  readonly managedBy?: string | null;
}
