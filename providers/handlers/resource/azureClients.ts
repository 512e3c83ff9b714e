/** The clients of Azure that handlers use, with what the environment names: proxy, roots and credentials. Loaded on first use. */
import { CertificatesClient } from "../../../azure/clients/certificatesClient";
import { DeletedVaultClient } from "../../../azure/clients/deletedVaultClient";
import type { DeviceServiceClient } from "../../../azure/clients/deviceServiceClient";
import { EnrollmentClient, serviceClient } from "../../../azure/clients/enrollmentClient";
import { EnrollmentListClient } from "../../../azure/clients/enrollmentListClient";
import { environmentCredential } from "../../../azure/clients/environmentCredential";
import type * as eventsReader from "../../../azure/clients/eventsReader";
import { IdentityClient } from "../../../azure/clients/identityClient";
import { IotHubClient } from "../../../azure/clients/iotHubClient";
import type { ClientOptions } from "../../../azure/clients/jsonClient";
import type { DeviceCredentials } from "../../../azure/clients/mutualTls";
import { ProvisioningServiceClient } from "../../../azure/clients/provisioningServiceClient";
import { RegistrationRecordClient } from "../../../azure/clients/registrationRecordClient";
import { TwinsClient } from "../../../azure/clients/twinsClient";
import { VaultCertificatesClient } from "../../../azure/clients/vaultCertificatesClient";
import { VaultClient } from "../../../azure/clients/vaultClient";
import { VaultKeysClient } from "../../../azure/clients/vaultKeysClient";
import { VaultSecretsClient } from "../../../azure/clients/vaultSecretsClient";
import type { Device, TransportName } from "../../../azure/devices/device";

/** The public methods of a class, so that a fake can replace it. */
export type Like<T> = { readonly [K in keyof T]: T[K] };

const http = () =>
  (require("../../../azure/clients/pooledHttp") as typeof import("../../../azure/clients/pooledHttp")).sharedHttp();

/** Connections are kept: a stack's resources ask the same services, and a CA may sign thousands of certificates. */
const options = (): ClientOptions => ({ credential: environmentCredential(), httpClient: http() });

const services = new Map<string, DeviceServiceClient>();

/** One client a provisioning service: a list of a thousand enrollments shares its connections. */
function service(endpoint: string): DeviceServiceClient {
  const client = services.get(endpoint) ?? serviceClient(endpoint, options());
  services.set(endpoint, client);
  return client;
}

/**
 * Each client by what it is for.
 * @public The gateway loads it with `require` at the first call.
 */
export const azureClients = {
  /** A CA certificate of a provisioning service, by the service's ARM ID. */
  certificate: (serviceId: string, name: string): Like<CertificatesClient> =>
    new CertificatesClient(serviceId, name, options()),

  /** A provisioning service, by its ARM ID. */
  provisioningService: (id: string): Like<ProvisioningServiceClient> => new ProvisioningServiceClient(id, options()),

  /** An enrollment group, by the host name of its service. */
  enrollmentGroup: (endpoint: string, id: string): Like<EnrollmentClient<"group">> =>
    new EnrollmentClient("group", service(endpoint), id),

  /** An individual enrollment, by the host name of its service. */
  individualEnrollment: (endpoint: string, id: string): Like<EnrollmentClient<"individual">> =>
    new EnrollmentClient("individual", service(endpoint), id),

  /** All individual enrollments of a service: changed by tens, read by pages. */
  enrollmentList: (endpoint: string): Like<EnrollmentListClient> => new EnrollmentListClient(service(endpoint)),

  /** A device's registration record, by the host name of its service. */
  registrationRecord: (endpoint: string, id: string): Like<RegistrationRecordClient> =>
    new RegistrationRecordClient(endpoint, id, options()),

  /** A device's identity in a hub. */
  identity: (hubHost: string, deviceId: string): Like<IdentityClient> =>
    new IdentityClient(hubHost, deviceId, options()),

  /** All twins of a hub, by pages. */
  twins: (hubHost: string): Like<TwinsClient> => new TwinsClient(hubHost, options()),

  /** The keys of a vault, `https://NAME.vault.azure.net`. */
  vaultKeys: (uri: string): Like<VaultKeysClient> => new VaultKeysClient(uri, options()),

  /** The secrets of a vault. */
  vaultSecrets: (uri: string): Like<VaultSecretsClient> => new VaultSecretsClient(uri, options()),

  /** The certificates of a vault. */
  vaultCertificates: (uri: string): Like<VaultCertificatesClient> => new VaultCertificatesClient(uri, options()),

  /** A vault, by its ARM ID. */
  vault: (id: string): Like<VaultClient> => new VaultClient(id, options()),

  /** A vault's name among the deleted vaults of a subscription and region. */
  deletedVault: (subscriptionId: string, location: string, name: string): Like<DeletedVaultClient> =>
    new DeletedVaultClient(subscriptionId, location, name, options()),

  /** An IoT hub, by its ARM ID. */
  iotHub: (id: string): Like<IotHubClient> => new IotHubClient(id, options()),

  /** Messages of devices, read back from the built-in endpoint of a hub. */
  readMessages(...of: Parameters<typeof eventsReader.readMessages>): Promise<eventsReader.EventsReading> {
    return (require("../../../azure/clients/eventsReader") as typeof eventsReader).readMessages(...of);
  },

  /** Runs `work` as a device that shows these credentials, and closes its connections afterwards. */
  async asDevice<R>(
    transport: TransportName,
    credentials: DeviceCredentials,
    work: (device: Omit<Device, "close">) => Promise<R>,
  ): Promise<R> {
    const { openDevice } =
      require("../../../azure/devices/openDevice") as typeof import("../../../azure/devices/openDevice");
    const device = openDevice(transport, credentials);
    try {
      return await work(device);
    } finally {
      await device.close();
    }
  },
};
