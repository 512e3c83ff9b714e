/** An IoT hub and a provisioning service for tests of devices, without a deployment tool. */
import { API_VERSIONS } from "../azure/apiVersions";
import { GLOBAL_DEVICE_ENDPOINT, hubHost, serviceHost } from "../azure/hosts";
import { isObject, type JsonObject } from "../azure/wire/jsonObject";
import { type LocalClient, LocalRefusal } from "./localClient";

/** The IoT hub of {@link RunningAzure.createHub}. */
export interface StarterHub {
  readonly name: string;
  /** `NAME.azure-devices.net`. */
  readonly hostName: string;
  /** Of the policy `iothubowner`, for service clients and tools. */
  readonly connectionString: string;
}

/** The provisioning service of {@link RunningAzure.createProvisioningService}. */
export interface StarterProvisioningService {
  readonly name: string;
  /** `NAME.azure-devices-provisioning.net`, for enrollments. */
  readonly hostName: string;
  /** `global.azure-devices-provisioning.net`, for devices. */
  readonly deviceHostName: string;
  /** What devices register with. */
  readonly idScope: string;
  /** Of the policy `provisioningserviceowner`. */
  readonly connectionString: string;
}

const LOCATION = "northeurope";
const GROUP = "local-azure";

const groupPath = (client: LocalClient): string =>
  `/subscriptions/${client.ready.subscriptionId}/resourceGroups/${GROUP}`;

async function createGroup(client: LocalClient): Promise<void> {
  await createOnce(client, `${groupPath(client)}?api-version=${API_VERSIONS.resourceGroups}`, { location: LOCATION });
}

/** Creates a resource unless it exists: a later start keeps what its user has changed. */
async function createOnce(client: LocalClient, path: string, body: object): Promise<void> {
  try {
    await client.arm("GET", path);
  } catch (error) {
    if (!(error instanceof LocalRefusal && error.status === 404)) throw error;
    await client.arm("PUT", path, body);
  }
}

/** Creates a hub in the resource group `local-azure`, or returns the one that exists. */
export async function createHub(client: LocalClient, name: string): Promise<StarterHub> {
  await createGroup(client);
  const path = `${groupPath(client)}/providers/Microsoft.Devices/IotHubs/${encodeURIComponent(name)}`;
  const query = `?api-version=${API_VERSIONS.iotHubs}`;
  await createOnce(client, `${path}${query}`, { location: LOCATION, sku: { name: "S1", capacity: 1 }, properties: {} });
  const key = await client.arm("POST", `${path}/IotHubKeys/iothubowner/listkeys${query}`);
  const hostName = hubHost(name);
  return { name, hostName, connectionString: connectionString(hostName, "iothubowner", key) };
}

/** Creates a provisioning service in the same group, linked to the hubs, or returns the one that exists. */
export async function createProvisioningService(
  client: LocalClient,
  name: string,
  hubs: readonly StarterHub[],
): Promise<StarterProvisioningService> {
  await createGroup(client);
  const path = `${groupPath(client)}/providers/Microsoft.Devices/provisioningServices/${encodeURIComponent(name)}`;
  const query = `?api-version=${API_VERSIONS.provisioningServices}`;
  await createOnce(client, `${path}${query}`, {
    location: LOCATION,
    sku: { name: "S1", capacity: 1 },
    properties: { iotHubs: hubs.map((hub) => ({ connectionString: hub.connectionString, location: LOCATION })) },
  });
  const { properties } = await client.arm("GET", `${path}${query}`);
  const key = await client.arm("POST", `${path}/keys/provisioningserviceowner/listkeys${query}`);
  const hostName = serviceHost(name);
  return {
    name,
    hostName,
    deviceHostName: GLOBAL_DEVICE_ENDPOINT,
    idScope: String(isObject(properties) ? properties.idScope : undefined),
    connectionString: connectionString(hostName, "provisioningserviceowner", key),
  };
}

const connectionString = (hostName: string, policy: string, { primaryKey }: JsonObject): string =>
  `HostName=${hostName};SharedAccessKeyName=${policy};SharedAccessKey=${String(primaryKey)}`;

/** The names of hub and provisioning service to create; both are optional. */
export interface StarterNames {
  readonly hub?: string;
  readonly dps?: string;
}

/**
 * Creates what the names say, and returns variables as the samples of Azure's IoT SDKs read them: `IOTHUB_CONNECTION_STRING`,
 * `PROVISIONING_CONNECTION_STRING`, `PROVISIONING_HOST` and `PROVISIONING_IDSCOPE`.
 */
export async function starterVariables(
  client: LocalClient,
  { hub: hubName, dps: dpsName }: StarterNames,
): Promise<Readonly<Record<string, string>>> {
  const hub = hubName === undefined ? undefined : await createHub(client, hubName);
  const service =
    dpsName === undefined
      ? undefined
      : await createProvisioningService(client, dpsName, hub === undefined ? [] : [hub]);
  return {
    ...(hub && { IOTHUB_CONNECTION_STRING: hub.connectionString }),
    ...(service && {
      PROVISIONING_CONNECTION_STRING: service.connectionString,
      PROVISIONING_HOST: service.deviceHostName,
      PROVISIONING_IDSCOPE: service.idScope,
    }),
  };
}
