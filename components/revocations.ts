import * as pulumi from "@pulumi/pulumi";
import { RevocationsResource, type RevokedDevice } from "../providers/revocationsResource";
import type { EnrollmentService } from "./enrollmentService";
import { childName, componentType } from "./naming";

/** A provisioning service whose hubs are searched for revoked certificates, such as a `ProvisioningService`. */
export interface RevocationService extends EnrollmentService {
  /** Host names of the linked hubs. */
  hubHostNames: pulumi.Input<string>[];
}

/** The set of arguments for constructing {@link Revocations}. */
export interface RevocationsArgs {
  /** The provisioning service. */
  service: RevocationService;
  /** Devices to block. Removing a device unblocks it. */
  devices: pulumi.Input<pulumi.Input<RevokedDevice>[]>;
  /** SHA-1 or SHA-256 thumbprints of certificates to block, upper-case hexadecimal. */
  thumbprints: string[];
}

const revokedMessage = (id: string): string =>
  `Device ${id} is revoked: its individual enrollment and its identity are disabled, so that the provisioning service and ` +
  "its hub refuse it.";

const unmatchedMessage = (thumbprint: string): string =>
  `The revoked certificate ${thumbprint} belongs to no enrollment and no device, so it blocks no device. Hubs identify ` +
  "devices by SHA-256. To fix: use the SHA-256 thumbprint or the device's registration ID; `pulumi refresh` searches again.";

/** Revoked devices: the provisioning service and their hubs refuse them. */
export class Revocations extends pulumi.ComponentResource {
  /**
   * Create Revocations with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: RevocationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("Revocations"), name, args, opts);
    const { service, thumbprints } = args;
    const devices = pulumi.output(args.devices);
    const revocations = new RevocationsResource(
      childName(name, "revocations"),
      {
        serviceEndpoint: service.serviceEndpoint,
        devices,
        ...(thumbprints.length === 0 ? {} : { thumbprints, hubs: service.hubHostNames }),
      },
      { parent: this },
    );
    devices.apply((all) => {
      for (const { registrationId } of all) pulumi.log.info(revokedMessage(registrationId), this);
    });
    revocations.unmatched.apply((unmatched) => {
      for (const thumbprint of unmatched ?? []) pulumi.log.warn(unmatchedMessage(thumbprint), this);
    });
    this.registerOutputs();
  }
}
