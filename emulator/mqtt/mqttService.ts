import { azureHost } from "../../azure/hosts";
import type { StreamProtocol } from "../front/streamProtocol";
import { respond, type ServiceDefinition } from "../kernel/service";
import type { HubConnectionDependencies } from "./hub/hubConnection";
import { hubEndpoint } from "./hub/hubEndpoint";
import type { CallOperation, MqttDependencies, MqttEndpoint } from "./mqttDependencies";
import { ConnectRefused } from "./mqttErrors";
import { MqttSession } from "./mqttSession";
import { provisioningEndpoint } from "./provisioning/provisioningEndpoint";

function caller(definition: ServiceDefinition, failed: MqttDependencies["failed"]): CallOperation {
  const operations = new Map(definition.operations.map((operation) => [operation.name, operation]));
  return (name, request) => {
    const operation = operations.get(name);
    if (!operation) throw new Error(`${definition.name} has no operation ${name}`);
    return respond(definition, request, operation, (error) => failed(definition.name, error));
  };
}

/** Returns what checks that an operation of a service may run, as it checks before each call. Throws a WireError where not. */
function admission(definition: ServiceDefinition): HubConnectionDependencies["admit"] {
  const operations = new Map(definition.operations.map((operation) => [operation.name, operation]));
  return async (name, request) => {
    const operation = operations.get(name);
    if (!operation) throw new Error(`${definition.name} has no operation ${name}`);
    await definition.before?.(request, operation);
  };
}

/** Makes MQTT 3.1.1 in front of DPS and IoT Hub, at their hosts. */
export function mqttService({ dpsDevice, hub, devices, log, failed }: MqttDependencies): StreamProtocol {
  const provisioning = provisioningEndpoint(caller(dpsDevice, failed));
  const connectToHub = hubEndpoint({ devices, admit: admission(hub) });
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
