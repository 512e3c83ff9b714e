import * as pulumi from "@pulumi/pulumi";

/** A provisioning service that holds enrollments, such as a `ProvisioningService`. */
export interface EnrollmentService {
  /** Host name for enrollments, `NAME.azure-devices-provisioning.net`. */
  serviceEndpoint: pulumi.Input<string>;
}

/**
 * What a resource depends on that needs the service's links to its hubs, which are made after the service: a `ProvisioningService` of the
 * program. The service refuses an enrollment with a hub that is not linked.
 */
export const linksOf = (service: EnrollmentService): pulumi.Resource[] =>
  pulumi.Resource.isInstance(service) ? [service] : [];
