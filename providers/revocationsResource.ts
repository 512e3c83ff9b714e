import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** A device to block. */
export interface RevokedDevice {
  readonly registrationId: pulumi.Input<string>;
  /** PEM of its certificate; without it the device is blocked by its registration ID alone. */
  readonly certificate?: pulumi.Input<string> | undefined;
}

/** Inputs of {@link RevocationsResource}. */
export interface RevocationsInputs {
  /** Host name of the provisioning service, `NAME.azure-devices-provisioning.net`. A change replaces. */
  readonly serviceEndpoint: pulumi.Input<string>;
  /** Devices to block. A device that is removed from the list is enabled again. */
  readonly devices: pulumi.Input<pulumi.Input<RevokedDevice>[]>;
  /** SHA-1 or SHA-256, upper-case hexadecimal: whoever holds such a certificate is revoked, too. Default: none. */
  readonly thumbprints?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Host names of the hubs where their holders are looked for, beside the service's enrollments. Default: none. */
  readonly hubs?: pulumi.Input<pulumi.Input<string>[]> | undefined;
}

/** The revoked devices of a provisioning service: blocked there by individual enrollments, and in their hubs. */
export class RevocationsResource extends DynamicResource {
  /** Thumbprints of no known certificate: they block no device. */
  declare readonly unmatched: pulumi.Output<readonly string[]>;

  constructor(name: string, inputs: RevocationsInputs, opts?: pulumi.CustomResourceOptions) {
    super("revocations", name, ["blocked", "unmatched"], inputs, opts);
  }
}
