import type * as pulumi from "@pulumi/pulumi";

/** A provisioning service that holds enrollments, such as a `ProvisioningService`. */
export interface EnrollmentService {
  /** Host name for enrollments, `NAME.azure-devices-provisioning.net`. */
  serviceEndpoint: pulumi.Input<string>;
}
