import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** Inputs of {@link DeviceRegistrationResource}. */
export interface DeviceRegistrationInputs {
  /** Host name devices register at, `global.azure-devices-provisioning.net`. */
  readonly globalEndpoint: pulumi.Input<string>;
  readonly idScope: pulumi.Input<string>;
  /** Host name of the provisioning service, for the record's end. */
  readonly serviceEndpoint: pulumi.Input<string>;
  readonly registrationId: pulumi.Input<string>;
  /** PEM: leaf, intermediates, root. */
  readonly certificateChain: pulumi.Input<string>;
  /** PKCS#8 PEM of the leaf's key; give a secret. Or the ID of the vault's secret that holds it. */
  readonly privateKey: pulumi.Input<string>;
  /** Revision of the enrollment the device comes in by: when it changes, the device registers again. */
  readonly enrollment?: pulumi.Input<string> | undefined;
  /** Host names of the service's linked hubs: when they change, the device registers again. Default: nothing to follow. */
  readonly hubs?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
  /** What the message says, degrees Celsius; default 30. */
  readonly temperature?: pulumi.Input<number> | undefined;
  /** Whether the device is revoked: it is not registered then. Default false. */
  readonly revoked?: pulumi.Input<boolean> | undefined;
}

/** What became of the message. */
export interface Telemetry {
  /** The message's body. */
  readonly sent: { readonly temperature: number };
  /** The hub's HTTP status. */
  readonly accepted: 204;
  /** ISO 8601, when the hub had accepted. */
  readonly at: string;
}

/** One device's registration with a provisioning service, proved by a message to its hub. */
export class DeviceRegistrationResource extends DynamicResource {
  /** The device's ID in the hub; empty for a device that was revoked before it ever registered. */
  declare readonly deviceId: pulumi.Output<string>;
  /** Host name of the hub; empty as deviceId is. */
  declare readonly assignedHub: pulumi.Output<string>;
  /** `assigned`, or `disabled` when revoked. */
  declare readonly status: pulumi.Output<string>;
  /** Undefined for a device that was revoked before it ever registered. */
  declare readonly telemetry: pulumi.Output<Telemetry | undefined>;

  constructor(name: string, inputs: DeviceRegistrationInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { deviceId: undefined, assignedHub: undefined, status: undefined, telemetry: undefined };
    super("deviceRegistration", "DeviceRegistration", name, { ...outputs, ...inputs }, opts);
  }
}
