import * as pulumi from "@pulumi/pulumi";
import { RevocationsResource, type RevokedDevice } from "../providers/revocationsResource";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";

/** Arguments of {@link Revocations}. */
export interface RevocationsArgs {
  readonly service: ProvisioningService;
  /** A device that is left out again is let in again. May be empty; then nothing is revoked. */
  readonly devices: pulumi.Input<readonly RevokedDevice[]>;
  /** Of certificates whose holders are revoked, SHA-1 or SHA-256, upper-case hexadecimal. Default: none. */
  readonly thumbprints?: ReadonlySet<string> | undefined;
}

const tell = (id: string): string =>
  `Device ${id} is revoked: its individual enrollment is disabled, so that the provisioning service refuses it, and its ` +
  "identity is disabled, so that its hub does.";

const warn = (thumbprint: string): string =>
  `The revoked certificate ${thumbprint} is no enrollment's and no device's: nobody is kept out by it. Hubs know devices ` +
  "by SHA-256. What to do: give the SHA-256 thumbprint or the device's registration ID; `pulumi refresh` looks again.";

/** The devices that must come in no more: refused by the provisioning service, and by the hub they were assigned to. */
export class Revocations extends pulumi.ComponentResource {
  constructor(name: string, args: RevocationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("Revocations"), name, {}, opts);
    const { service, thumbprints } = args;
    const devices = pulumi.output(args.devices);
    const search = thumbprints?.size ? { thumbprints: [...thumbprints], hubs: [...service.hubHostNames] } : {};
    const revocations = new RevocationsResource(
      childName(name, "revocations"),
      { serviceEndpoint: service.serviceEndpoint, devices: devices.apply((all) => [...all]), ...search },
      { parent: this },
    );
    devices.apply((all) => {
      for (const { registrationId } of all) pulumi.log.info(tell(registrationId), this);
    });
    revocations.unmatched.apply((unmatched) => {
      for (const thumbprint of unmatched ?? []) pulumi.log.warn(warn(thumbprint), this);
    });
    this.registerOutputs();
  }
}
