/** The clients of Azure that the commands use, signed in by the environment. */

import { DeviceServiceClient } from "../../azure/clients/deviceServiceClient";
import { EnrollmentClient, serviceClient } from "../../azure/clients/enrollmentClient";
import { environmentCredential } from "../../azure/clients/environmentCredential";
import { type ClientOptions, JsonClient } from "../../azure/clients/jsonClient";
import { RegistrationRecordClient } from "../../azure/clients/registrationRecordClient";
import { RegistrationsClient } from "../../azure/clients/registrationsClient";
import { TwinsClient } from "../../azure/clients/twinsClient";
import { VaultKeysClient } from "../../azure/clients/vaultKeysClient";
import { ARM_HOST } from "../../azure/hosts";

/** The public methods of a class, so that a fake can replace it. */
type Like<T> = { readonly [K in keyof T]: T[K] };

/** Clients by what they are for; `endpoint` and `hub` are host names. */
export interface AzureClients {
  enrollmentGroup(endpoint: string, id: string): Pick<EnrollmentClient<"group">, "get" | "put" | "attestation">;
  individualEnrollment(
    endpoint: string,
    id: string,
  ): Pick<EnrollmentClient<"individual">, "get" | "put" | "attestation">;
  registrationRecord(endpoint: string, id: string): Pick<RegistrationRecordClient, "get">;
  registrations(endpoint: string, enrollmentGroupId: string): Like<RegistrationsClient>;
  twins(hub: string): Like<TwinsClient>;
  vaultKeys(uri: string): Pick<VaultKeysClient, "get" | "sign">;
  /** Sends any request to the provisioning service or the hub with a host name. */
  dataPlane(service: "dps" | "hub", host: string): Pick<DeviceServiceClient, "send">;
  /** Reads an ARM resource; undefined if there is none. */
  resource(id: string, apiVersion: string): Promise<unknown>;
}

/** The clients. Default options: the environment's credential. */
export function azureClients(
  options: () => ClientOptions = () => ({ credential: environmentCredential() }),
): AzureClients {
  return {
    enrollmentGroup: (endpoint, id) => new EnrollmentClient("group", serviceClient(endpoint, options()), id),
    individualEnrollment: (endpoint, id) => new EnrollmentClient("individual", serviceClient(endpoint, options()), id),
    registrationRecord: (endpoint, id) => new RegistrationRecordClient(endpoint, id, options()),
    registrations: (endpoint, group) => new RegistrationsClient(serviceClient(endpoint, options()), group),
    twins: (hub) => new TwinsClient(hub, options()),
    vaultKeys: (uri) => new VaultKeysClient(uri, options()),
    dataPlane: (service, host) => new DeviceServiceClient(service, host, options()),
    resource: (id, apiVersion) =>
      new JsonClient("arm", `https://${ARM_HOST}`, apiVersion, options()).read(id, `read ${id}`),
  };
}
