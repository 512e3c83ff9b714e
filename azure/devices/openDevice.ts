/** Devices by the name of their transport. Each transport's library is loaded where it is used. */
import { DeviceClient } from "../clients/deviceClient";
import { type DeviceCredentials, mutualTls } from "../clients/mutualTls";
import type { Device, HubSession, TransportName } from "./device";
import { HttpsHubSession } from "./httpsHubSession";

const mqttDevice = () => (require("./mqttDevice") as typeof import("./mqttDevice")).MqttDevice;
const amqpDevice = () => (require("./amqpDevice") as typeof import("./amqpDevice")).AmqpDevice;

/** A device that registers and sends single messages; close it when done. `env` names the proxy; default: of this process. */
export function openDevice(transport: TransportName, credentials: DeviceCredentials, env = process.env): Device {
  switch (transport) {
    case "mqtt":
      return new (mqttDevice())(credentials, { env });
    case "amqp":
      return new (amqpDevice())(credentials, { env });
    default:
      return new DeviceClient(mutualTls(credentials, env));
  }
}

/** A device that is connected to its hub until it is closed. Throws AzureError or UnreachableError. */
export async function openHubSession(
  transport: TransportName,
  credentials: DeviceCredentials,
  { hub, deviceId }: { readonly hub: string; readonly deviceId: string },
  env = process.env,
): Promise<HubSession> {
  switch (transport) {
    case "mqtt":
      return new (mqttDevice())(credentials, { env }).connect(hub, deviceId);
    case "amqp":
      return new (amqpDevice())(credentials, { env }).connect(hub, deviceId);
    default:
      return new HttpsHubSession(mutualTls(credentials, env), hub, deviceId);
  }
}
