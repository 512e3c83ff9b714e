import { azureHost, GLOBAL_DEVICE_ENDPOINT } from "../../azure/hosts";
import type { StreamProtocol } from "../front/streamProtocol";
import { hubEndpoint } from "./hub/hubEndpoint";
import type { MqttDependencies, MqttEndpoint } from "./mqttDependencies";
import { ConnectRefused } from "./mqttErrors";
import { MqttSession } from "./mqttSession";
import { provisioningEndpoint } from "./provisioning/provisioningEndpoint";

const isProvisioning = (host: string): boolean => ["dps", "dpsDevice"].includes(azureHost(host)?.service ?? "");
const isHub = (host: string): boolean => azureHost(host)?.service === "hub";

/** The host in the user name of a client that named none in TLS. */
const namedHost = (userName: string): string =>
  /^[^/]+\/registrations\//i.test(userName) ? GLOBAL_DEVICE_ENDPOINT : (userName.split("/", 1)[0] ?? "").toLowerCase();

/** Makes MQTT 3.1.1 in front of DPS and IoT Hub, at their hosts. */
export function mqttService({ callDps, admit, devices, log }: MqttDependencies): StreamProtocol {
  const provisioning = provisioningEndpoint(callDps);
  const connectToHub = hubEndpoint({ devices, admit });
  const endpoint: MqttEndpoint = async (client) => {
    const host = client.host || namedHost(client.userName);
    if (isProvisioning(host)) return provisioning(client);
    if (isHub(host)) return connectToHub(client);
    throw new ConnectRefused("serverUnavailable", `there is no MQTT endpoint at ${host || "no host name"}`);
  };
  return {
    port: 8883,
    // CONNECT (MQTT 3.1.1, 3.1.1).
    firstBytes: Buffer.from([0x10]),
    // The Java SDK registers at the default path of its MQTT client.
    pathsAt: (host) => (isProvisioning(host) ? ["/$iothub/websocket", "/mqtt"] : ["/$iothub/websocket"]),
    subProtocols: ["mqtt"],
    isServedAt: (host) => isProvisioning(host) || isHub(host),
    start(stream, client) {
      new MqttSession(stream, endpoint, { ...client, log });
    },
  };
}
