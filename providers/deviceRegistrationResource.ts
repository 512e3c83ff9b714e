import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** Inputs of {@link DeviceRegistrationResource}. */
export interface DeviceRegistrationInputs {
  /** Host name for devices, `global.azure-devices-provisioning.net`. */
  readonly globalEndpoint: pulumi.Input<string>;
  readonly idScope: pulumi.Input<string>;
  /** Host name of the provisioning service, where the registration record is deleted. */
  readonly serviceEndpoint: pulumi.Input<string>;
  readonly registrationId: pulumi.Input<string>;
  /** PEM: leaf, intermediates, root. */
  readonly certificateChain: pulumi.Input<string>;
  /** PKCS#8 PEM of the leaf's key (secret), or the Key Vault secret ID. */
  readonly privateKey: pulumi.Input<string>;
  /** Revision of the device's enrollment: when it changes, the device registers again. */
  readonly enrollment?: pulumi.Input<string> | undefined;
  /** Whether the enrollment is disabled: the device does not register until it is enabled. Default false. */
  readonly enrollmentDisabled?: pulumi.Input<boolean> | undefined;
  /** Host names of the service's linked hubs: when they change, the device registers again. Default: none. */
  readonly hubs?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
  /** IDs of the role assignments by which the service reaches its hubs; a new one takes minutes to take effect. Default: none. */
  readonly hubRoleAssignments?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
  /** Temperature in the message, degrees Celsius; default 30. */
  readonly temperature?: pulumi.Input<number> | undefined;
  /** How the device registers and sends its message. Default `https`. */
  readonly transport?: pulumi.Input<"https" | "mqtt" | "amqp"> | undefined;
  /** Whether the device is revoked, and is not registered. Default false. */
  readonly revoked?: pulumi.Input<boolean> | undefined;
}

/** The body of the device's message. */
export interface TelemetryMessage {
  /** Degrees Celsius. */
  readonly temperature: number;
}

/** A message and its receipt. */
export interface Telemetry {
  /** The message's body. */
  readonly sent: TelemetryMessage;
  /** How the hub accepted the message: HTTP's status 204, MQTT's PUBACK, or AMQP's outcome `accepted`. */
  readonly accepted: 204 | "PUBACK" | "accepted";
  /** The ID that the message has at the hub. Undefined for a message of an older version. */
  readonly messageId?: string;
  /** When the hub accepted the message, ISO 8601. */
  readonly at: string;
}

/** A device's registration with a provisioning service, and a message to its hub. */
export class DeviceRegistrationResource extends DynamicResource {
  /** Device ID in the hub; empty for a device revoked before its first registration. */
  declare readonly deviceId: pulumi.Output<string>;
  /** Host name of the hub; empty if deviceId is. */
  declare readonly assignedHub: pulumi.Output<string>;
  /** `assigned`, `disabled` when revoked, or `unassigned` while its enrollment is disabled and it has not registered. */
  declare readonly status: pulumi.Output<string>;
  /** Null for a device revoked before its first registration; undefined in a state of an older version. */
  declare readonly telemetry: pulumi.Output<Telemetry | null | undefined>;

  constructor(name: string, inputs: DeviceRegistrationInputs, opts?: pulumi.CustomResourceOptions) {
    super("deviceRegistration", name, ["deviceId", "assignedHub", "status", "telemetry"], inputs, opts);
  }
}
