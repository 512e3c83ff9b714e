/**
 * Access of the handlers to Azure, time and log. Tests pass a fake; the real one loads its modules on first use, because
 * a preview calls check and diff only and must not wait for the Azure SDK.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { CertificatesClient } from "../../../azure/clients/certificatesClient";
import type { DeletedVaultClient } from "../../../azure/clients/deletedVaultClient";
import type { DeviceClient } from "../../../azure/clients/deviceClient";
import type { DeviceServiceClient } from "../../../azure/clients/deviceServiceClient";
import type { EnrollmentClient } from "../../../azure/clients/enrollmentClient";
import type { EnrollmentListClient } from "../../../azure/clients/enrollmentListClient";
import type { IdentityClient } from "../../../azure/clients/identityClient";
import type { ClientOptions } from "../../../azure/clients/jsonClient";
import type { DeviceCredentials } from "../../../azure/clients/mutualTls";
import type { RegistrationRecordClient } from "../../../azure/clients/registrationRecordClient";
import type { TwinsClient } from "../../../azure/clients/twinsClient";
import type { VaultCertificatesClient } from "../../../azure/clients/vaultCertificatesClient";
import type { VaultKeysClient } from "../../../azure/clients/vaultKeysClient";
import type { VaultSecretsClient } from "../../../azure/clients/vaultSecretsClient";

/** The public methods of a class, so that a fake can replace it. */
export type Like<T> = { readonly [K in keyof T]: T[K] };

/** All clients and services that handlers use; each handler takes a `Pick` of it. */
export interface AzureGateway {
  now(): Date;
  /** Logs a message, which the engine shows with its own, also in previews. */
  log(message: string): void;
  certificate(provisioningServiceId: string, name: string): Like<CertificatesClient>;
  enrollmentGroup(serviceEndpoint: string, id: string): Like<EnrollmentClient<"group">>;
  individualEnrollment(serviceEndpoint: string, id: string): Like<EnrollmentClient<"individual">>;
  /** All individual enrollments of a service: changed by tens, read by pages. */
  enrollmentList(serviceEndpoint: string): Like<EnrollmentListClient>;
  registrationRecord(serviceEndpoint: string, id: string): Like<RegistrationRecordClient>;
  identity(hubHost: string, deviceId: string): Like<IdentityClient>;
  /** All twins of a hub, by pages. */
  twins(hubHost: string): Like<TwinsClient>;
  /** `vaultUri` is `https://NAME.vault.azure.net`. */
  vaultKeys(vaultUri: string): Like<VaultKeysClient>;
  vaultSecrets(vaultUri: string): Like<VaultSecretsClient>;
  vaultCertificates(vaultUri: string): Like<VaultCertificatesClient>;
  /** A vault's name among the deleted vaults of a subscription and region. */
  deletedVault(subscriptionId: string, location: string, name: string): Like<DeletedVaultClient>;
  /** Lets time pass, in milliseconds. */
  pause(milliseconds: number): Promise<void>;
  /** Runs `work` as a device that shows these credentials, and closes its connections afterwards. */
  asDevice<R>(credentials: DeviceCredentials, work: (device: Like<DeviceClient>) => Promise<R>): Promise<R>;
}

function clientOptions(): ClientOptions {
  const { environmentCredential } =
    require("../../../azure/clients/environmentCredential") as typeof import("../../../azure/clients/environmentCredential");
  return { credential: environmentCredential() };
}

const services = new Map<string, DeviceServiceClient>();

/** One client a provisioning service: a list of a thousand enrollments shares its connections. */
function serviceClient(serviceEndpoint: string): DeviceServiceClient {
  const azure =
    require("../../../azure/clients/enrollmentClient") as typeof import("../../../azure/clients/enrollmentClient");
  const client = services.get(serviceEndpoint) ?? azure.serviceClient(serviceEndpoint, clientOptions());
  services.set(serviceEndpoint, client);
  return client;
}

let pooled: ClientOptions["httpClient"];

/** Connections to vaults are kept: a CA may sign thousands of certificates. */
function vaultOptions(): ClientOptions {
  const { pooledHttp } =
    require("../../../azure/clients/pooledHttp") as typeof import("../../../azure/clients/pooledHttp");
  pooled ??= pooledHttp();
  return { ...clientOptions(), httpClient: pooled };
}

/** Azure as the environment shows it: proxy, roots and credentials from environment variables. */
export const liveGateway: AzureGateway = {
  now: () => new Date(),
  log(message) {
    // The engine shows what a provider prints.
    process.stdout.write(`${message}\n`);
  },
  certificate(provisioningServiceId, name) {
    const azure =
      require("../../../azure/clients/certificatesClient") as typeof import("../../../azure/clients/certificatesClient");
    return new azure.CertificatesClient(provisioningServiceId, name, clientOptions());
  },
  enrollmentGroup(serviceEndpoint, id) {
    const azure =
      require("../../../azure/clients/enrollmentClient") as typeof import("../../../azure/clients/enrollmentClient");
    return new azure.EnrollmentClient("group", serviceClient(serviceEndpoint), id);
  },
  individualEnrollment(serviceEndpoint, id) {
    const azure =
      require("../../../azure/clients/enrollmentClient") as typeof import("../../../azure/clients/enrollmentClient");
    return new azure.EnrollmentClient("individual", serviceClient(serviceEndpoint), id);
  },
  enrollmentList(serviceEndpoint) {
    const azure =
      require("../../../azure/clients/enrollmentListClient") as typeof import("../../../azure/clients/enrollmentListClient");
    return new azure.EnrollmentListClient(serviceClient(serviceEndpoint));
  },
  registrationRecord(serviceEndpoint, id) {
    const azure =
      require("../../../azure/clients/registrationRecordClient") as typeof import("../../../azure/clients/registrationRecordClient");
    return new azure.RegistrationRecordClient(serviceEndpoint, id, clientOptions());
  },
  identity(hubHost, deviceId) {
    const azure =
      require("../../../azure/clients/identityClient") as typeof import("../../../azure/clients/identityClient");
    return new azure.IdentityClient(hubHost, deviceId, clientOptions());
  },
  vaultKeys(vaultUri) {
    const azure =
      require("../../../azure/clients/vaultKeysClient") as typeof import("../../../azure/clients/vaultKeysClient");
    return new azure.VaultKeysClient(vaultUri, vaultOptions());
  },
  vaultSecrets(vaultUri) {
    const azure =
      require("../../../azure/clients/vaultSecretsClient") as typeof import("../../../azure/clients/vaultSecretsClient");
    return new azure.VaultSecretsClient(vaultUri, vaultOptions());
  },
  vaultCertificates(vaultUri) {
    const azure =
      require("../../../azure/clients/vaultCertificatesClient") as typeof import("../../../azure/clients/vaultCertificatesClient");
    return new azure.VaultCertificatesClient(vaultUri, vaultOptions());
  },
  deletedVault(subscriptionId, location, name) {
    const azure =
      require("../../../azure/clients/deletedVaultClient") as typeof import("../../../azure/clients/deletedVaultClient");
    return new azure.DeletedVaultClient(subscriptionId, location, name, clientOptions());
  },
  pause: (milliseconds) => pause(milliseconds),
  twins(hubHost) {
    const azure = require("../../../azure/clients/twinsClient") as typeof import("../../../azure/clients/twinsClient");
    return new azure.TwinsClient(hubHost, clientOptions());
  },
  async asDevice(credentials, work) {
    const tls = require("../../../azure/clients/mutualTls") as typeof import("../../../azure/clients/mutualTls");
    const azure =
      require("../../../azure/clients/deviceClient") as typeof import("../../../azure/clients/deviceClient");
    const transport = tls.mutualTls(credentials);
    try {
      return await work(new azure.DeviceClient(transport));
    } finally {
      await transport.close();
    }
  },
};
