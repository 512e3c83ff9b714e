import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { createWebSocketStream, WebSocketServer } from "ws";
import { azureHost } from "../../azure/hosts";
import { clientChainOf, serverNameOf } from "../kernel/clientChain";
import { CONNECTION_LIMITS, endWith } from "../kernel/connectionLimits";
import { respond, type ServiceDefinition } from "../kernel/service";
import { hubEndpoint } from "./hub/hubEndpoint";
import type { CallOperation, MqttDependencies, MqttEndpoint } from "./mqttDependencies";
import { ConnectRefused } from "./mqttErrors";
import { MqttSession } from "./mqttSession";
import { provisioningEndpoint } from "./provisioning/provisioningEndpoint";

/** Azure's path for MQTT over WebSocket. */
const WEB_SOCKET_PATH = "/$iothub/websocket";
/** Bytes of a frame: an IoT Hub message of up to 256 KB and its topic. */
const MAX_FRAME = 1024 * 1024;

/** MQTT 3.1.1 at the device hosts: TLS on port 8883 and WebSocket on port 443. */
export interface MqttService {
  /** Serves a TLS connection. */
  take(socket: TLSSocket): void;
  /** Upgrades an HTTP request to WebSocket. Refuses anything but MQTT at Azure's path. */
  upgrade(httpRequest: IncomingMessage, socket: Duplex, head: Buffer): void;
}

function caller(definition: ServiceDefinition, failed: MqttDependencies["failed"]): CallOperation {
  const operations = new Map(definition.operations.map((operation) => [operation.name, operation]));
  return (name, request) => {
    const operation = operations.get(name);
    if (!operation) throw new Error(`${definition.name} has no operation ${name}`);
    return respond(definition, request, operation, (error) => failed(definition.name, error));
  };
}

/** Makes MQTT in front of DPS and IoT Hub. */
export function mqttService({ dpsDevice, hub, authenticate, log, failed }: MqttDependencies): MqttService {
  const provisioning = provisioningEndpoint(caller(dpsDevice, failed));
  const telemetry = hubEndpoint(authenticate, caller(hub, failed));
  const endpoint: MqttEndpoint = async (client) => {
    switch (azureHost(client.host)?.service) {
      case "dps":
      case "dpsDevice":
        return provisioning(client);
      case "hub":
        return telemetry(client);
      default:
        throw new ConnectRefused("serverUnavailable", `there is no MQTT endpoint at ${client.host || "no host name"}`);
    }
  };
  const start = (stream: Duplex, socket: TLSSocket, host: string): void => {
    new MqttSession(stream, endpoint, { host, clientChain: () => clientChainOf(socket), log });
  };
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
  });
  return {
    take: (socket) => start(socket, socket, serverNameOf(socket)),
    upgrade(httpRequest, socket, head) {
      const offered = (httpRequest.headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim());
      if (pathOf(httpRequest) !== WEB_SOCKET_PATH || !offered.includes("mqtt")) {
        refuse(socket, `The local Azure upgrades to WebSocket at ${WEB_SOCKET_PATH} with the sub-protocol mqtt only.`);
        return;
      }
      webSockets.handleUpgrade(httpRequest, socket, head, (webSocket) => {
        const host = (httpRequest.headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
        start(createWebSocketStream(webSocket), httpRequest.socket as TLSSocket, host);
      });
    },
  };
}

/** Returns the decoded path in lower case; undefined if its percent-encoding is invalid. */
function pathOf({ url = "" }: IncomingMessage): string | undefined {
  try {
    return decodeURIComponent(url.split("?", 1)[0] ?? "").toLowerCase();
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, reason: string): void {
  const body = `${reason}\n`;
  const head = `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  endWith(socket, `HTTP/1.1 400 Bad Request\r\n${head}\r\n\r\n${body}`, CONNECTION_LIMITS);
}
