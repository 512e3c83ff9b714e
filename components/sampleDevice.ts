import * as pulumi from "@pulumi/pulumi";
import { DeviceRegistrationResource, type Telemetry } from "../providers/deviceRegistrationResource";
import type { DeviceCertificate } from "./deviceCertificate";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";

/** Arguments of {@link SampleDevice}. */
export interface SampleDeviceArgs {
  readonly service: ProvisioningService;
  readonly identity: DeviceCertificate;
  /** The enrollment the device comes in by: when what it says changes, the device registers again. */
  readonly enrollment: { readonly revision: pulumi.Output<string> };
  /** What the device's message says, degrees Celsius; default 30. */
  readonly temperature?: pulumi.Input<number> | undefined;
  /** Whether the device must come in no more; default false. */
  readonly revoked?: pulumi.Input<boolean> | undefined;
}

/** A device that proves the whole: it registers with its own certificate chain and sends a message to its hub. */
export class SampleDevice extends pulumi.ComponentResource {
  readonly registrationId: pulumi.Output<string>;
  /** The device's ID in the hub. */
  readonly deviceId: pulumi.Output<string>;
  /** Host name of the hub. */
  readonly assignedHub: pulumi.Output<string>;
  /** `assigned`, or `disabled` when revoked. */
  readonly status: pulumi.Output<string>;
  readonly telemetry: pulumi.Output<Telemetry | undefined>;

  constructor(name: string, args: SampleDeviceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("SampleDevice"), name, {}, opts);
    const { service, identity } = args;
    const registration = new DeviceRegistrationResource(
      childName(name, "registration"),
      {
        globalEndpoint: service.globalEndpoint,
        idScope: service.idScope,
        serviceEndpoint: service.serviceEndpoint,
        registrationId: identity.registrationId,
        certificateChain: identity.certificateChain,
        privateKey: identity.privateKey,
        enrollment: args.enrollment.revision,
        hubs: service.hubHostNames,
        temperature: args.temperature,
        revoked: args.revoked,
      },
      { parent: this },
    );
    this.registrationId = identity.registrationId;
    this.deviceId = registration.deviceId;
    this.assignedHub = registration.assignedHub;
    this.status = registration.status;
    this.telemetry = registration.telemetry;
    this.registerOutputs({ deviceId: this.deviceId, assignedHub: this.assignedHub, status: this.status });
  }

  /** What a stack's output tells of the device. No secrets. */
  get summary(): pulumi.Output<DeviceSummary> {
    const { registrationId, deviceId, assignedHub, status, telemetry } = this;
    return pulumi.output({ registrationId, deviceId, assignedHub, status, telemetry });
  }
}

/** One entry of the stack output `devices`. */
export interface DeviceSummary {
  readonly registrationId: string;
  readonly deviceId: string;
  readonly assignedHub: string;
  readonly status: string;
  readonly telemetry: Telemetry | undefined;
}
