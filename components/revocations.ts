import * as pulumi from "@pulumi/pulumi";
import { RevocationsResource, type RevokedDevice } from "../providers/revocations";
import { childName, componentType } from "./naming";
import type { ProvisioningService } from "./provisioningService";

/** Arguments of {@link Revocations}. */
export interface RevocationsArgs {
  readonly service: ProvisioningService;
  /** A device that is left out again is let in again. May be empty; then nothing is revoked. */
  readonly devices: readonly RevokedDevice[];
}

/** The devices that must come in no more: refused by the provisioning service, and by the hub they were assigned to. */
export class Revocations extends pulumi.ComponentResource {
  constructor(name: string, args: RevocationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("Revocations"), name, {}, opts);
    const { service, devices } = args;
    new RevocationsResource(
      childName(name, "revocations"),
      { serviceEndpoint: service.serviceEndpoint, devices: [...devices] },
      { parent: this },
    );
    for (const { registrationId } of devices) {
      pulumi
        .output(registrationId)
        .apply((id) =>
          pulumi.log.info(
            `Device ${id} is revoked: its individual enrollment is disabled, so that the provisioning service refuses ` +
              "it, and its identity is disabled, so that its hub does.",
            this,
          ),
        );
    }
    this.registerOutputs();
  }
}
