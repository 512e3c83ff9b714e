import { azureHost } from "../../azure/hosts";
import type { StreamProtocol } from "../front/streamProtocol";
import { hubEndpoint } from "./hub/hubEndpoint";
import type { MqttDependencies, MqttEndpoint } from "./mqttDependencies";
import { ConnectRefused } from "./mqttErrors";
import { MqttSession } from "./mqttSession";
import { provisioningEndpoint } from "./provisioning/provisioningEndpoint";

/** Makes MQTT 3.1.1 in front of DPS and IoT Hub, at their hosts. */
export function mqttService({ callDps, admit, devices, log }: MqttDependencies): StreamProtocol {
  const provisioning = provisioningEndpoint(callDps);
  const connectToHub = hubEndpoint({ devices, admit });
  const endpoint: MqttEndpoint = async (client) => {
    switch (azureHost(client.host)?.service) {
      case "dps":
      case "dpsDevice":
        return provisioning(client);
      case "hub":
        return connectToHub(client);
      default:
        throw new ConnectRefused("serverUnavailable", `there is no MQTT endpoint at ${client.host || "no host name"}`);
    }
  };
  return {
    port: 8883,
    // CONNECT (MQTT 3.1.1, 3.1.1).
    firstBytes: Buffer.from([0x10]),
    webSocket: { paths: ["/$iothub/websocket"], subProtocols: ["mqtt"] },
    isServedAt: (host) => ["dps", "dpsDevice", "hub"].includes(azureHost(host)?.service ?? ""),
    start(stream, client) {
      new MqttSession(stream, endpoint, { ...client, log });
    },
  };
}
