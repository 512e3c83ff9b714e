import type * as pulumi from "@pulumi/pulumi";

/** Inputs that group and individual enrollments share. Defaults are the service's own. */
export interface EnrollmentInputs {
  /** Host name of the provisioning service, `NAME.azure-devices-provisioning.net`. A change replaces. */
  readonly serviceEndpoint: pulumi.Input<string>;
  /** `enabled` (default) or `disabled`: a disabled enrollment assigns no device. */
  readonly provisioningStatus?: pulumi.Input<"enabled" | "disabled"> | undefined;
  /** Default: the service's policy. `static` needs exactly one hub in iotHubs. */
  readonly allocationPolicy?: pulumi.Input<"hashed" | "geoLatency" | "static"> | undefined;
  /** Host names, a part of the linked hubs. Default: all of them. */
  readonly iotHubs?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** What happens when a device registers again; default: choose the hub anew and move the device's data. */
  readonly reprovisionPolicy?:
    | pulumi.Input<{ readonly updateHubAssignment: boolean; readonly migrateDeviceData: boolean }>
    | undefined;
  /** Tags and desired properties a device begins with. Default: none. */
  readonly initialTwin?: pulumi.Input<Readonly<Record<string, unknown>>> | undefined;
  /** Whether the devices are IoT Edge devices; default false. */
  readonly iotEdge?: pulumi.Input<boolean> | undefined;
}
