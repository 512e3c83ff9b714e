import * as pulumi from "@pulumi/pulumi";
import { DeviceRegistrationResource, type Telemetry } from "../providers/deviceRegistrationResource";
import { linksOf } from "./enrollmentService";
import { childName, componentType } from "./naming";
import type { RevocationService } from "./revocations";

/** A provisioning service that devices register with, such as a `ProvisioningService`. */
export interface RegistrationService extends RevocationService {
  /** Host name for devices, `global.azure-devices-provisioning.net`. */
  globalEndpoint: pulumi.Input<string>;
  idScope: pulumi.Input<string>;
  /**
   * IDs of the role assignments by which the service reaches its hubs: while there are any, the device waits up to ten
   * minutes for a new one to take effect. Default: none.
   */
  hubRoleAssignments?: pulumi.Input<string>[];
}

/** A device's certificate and key, such as a `DeviceCertificate`: `privateKey`, or `secretId` of a key in a vault. */
export interface DeviceIdentity {
  registrationId: pulumi.Input<string>;
  /** PEM of the device certificate and every CA up to the root. */
  certificateChain: pulumi.Input<string>;
  /** PKCS#8 PEM, secret. */
  privateKey?: pulumi.Input<string>;
  /** Key Vault secret ID of key and chain. */
  secretId?: pulumi.Input<string>;
}

/** A device's enrollment, such as an `EnrollmentGroup` or an `IndividualEnrollment`. */
export interface EnrollmentRevision {
  /** Changes when the content of the enrollment changes. */
  revision: pulumi.Input<string>;
}

/** The set of arguments for constructing a {@link SampleDevice}. */
export interface SampleDeviceArgs {
  /** The provisioning service. */
  service: RegistrationService;
  /** The device's certificate and key. */
  identity: DeviceIdentity;
  /** The device's enrollment: when its content changes, the device registers again. */
  enrollment: EnrollmentRevision;
  /** Whether the enrollment is disabled: the device stays as it is, and registers again once it is enabled. Default false. */
  enrollmentDisabled?: pulumi.Input<boolean>;
  /** Temperature in the device's message, degrees Celsius. Default 30. */
  temperature?: pulumi.Input<number>;
  /** How the device registers and sends its message: plain HTTPS, MQTT or AMQP. Default `https`. */
  transport?: pulumi.Input<"https" | "mqtt" | "amqp">;
  /** Whether the device is revoked, and is not registered. */
  revoked: pulumi.Input<boolean>;
}

function deviceKey(resource: pulumi.Resource, { privateKey, secretId }: DeviceIdentity): pulumi.Input<string> {
  const given = secretId ?? privateKey;
  if (given !== undefined) return given;
  const message =
    "The device has no key.\n  To fix: give its privateKey in PEM, or the secretId of its key in a vault.";
  throw new pulumi.ResourceError(message, resource, true);
}

/** A device that registers with its own certificate chain and sends a message to its hub. */
export class SampleDevice extends pulumi.ComponentResource {
  /** The registration ID. */
  readonly registrationId: pulumi.Output<string>;
  /** Device ID in the hub. */
  readonly deviceId: pulumi.Output<string>;
  /** Host name of the hub. */
  readonly assignedHub: pulumi.Output<string>;
  /** `assigned`, or `disabled` for a revoked device. */
  readonly status: pulumi.Output<string>;
  /** The message and its receipt. */
  readonly telemetry: pulumi.Output<Telemetry | undefined>;

  /**
   * Create a SampleDevice with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: SampleDeviceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("SampleDevice"), name, args, opts);
    const { service, identity } = args;
    const registration = new DeviceRegistrationResource(
      childName(name, "registration"),
      {
        globalEndpoint: service.globalEndpoint,
        idScope: service.idScope,
        serviceEndpoint: service.serviceEndpoint,
        registrationId: identity.registrationId,
        certificateChain: identity.certificateChain,
        privateKey: deviceKey(this, identity),
        enrollment: args.enrollment.revision,
        enrollmentDisabled: args.enrollmentDisabled,
        hubs: service.hubHostNames,
        hubRoleAssignments: service.hubRoleAssignments,
        temperature: args.temperature,
        transport: args.transport,
        revoked: args.revoked,
      },
      { parent: this, dependsOn: linksOf(service) },
    );
    this.registrationId = pulumi.output(identity.registrationId);
    this.deviceId = registration.deviceId;
    this.assignedHub = registration.assignedHub;
    this.status = registration.status;
    this.telemetry = registration.telemetry.apply((telemetry) => telemetry ?? undefined);
    this.registerOutputs({ deviceId: this.deviceId, assignedHub: this.assignedHub, status: this.status });
  }

  /** The device in the stack output `devices`. Holds no secrets. */
  get summary(): pulumi.Output<DeviceSummary> {
    const { registrationId, deviceId, assignedHub, status, telemetry } = this;
    return pulumi.output({ registrationId, deviceId, assignedHub, status, telemetry });
  }
}

/** An entry of the stack output `devices`. */
export interface DeviceSummary {
  readonly registrationId: string;
  readonly deviceId: string;
  readonly assignedHub: string;
  readonly status: string;
  readonly telemetry: Telemetry | undefined;
}
