import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./forward";

/** Inputs of {@link ServiceIdentityResource}. */
export interface ServiceIdentityInputs {
  /** ARM ID. A change replaces. */
  readonly provisioningServiceId: pulumi.Input<string>;
}

/**
 * The system-assigned identity of a provisioning service. A resource of its own, so that a preview knows the principal while
 * the service is updated: an unknown principal replaces its role assignments.
 */
export class ServiceIdentityResource extends DynamicResource {
  /** Object ID. */
  declare readonly principalId: pulumi.Output<string>;

  constructor(name: string, inputs: ServiceIdentityInputs, opts?: pulumi.CustomResourceOptions) {
    super("serviceIdentity", name, ["principalId"], inputs, opts);
  }
}
