import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { createWebSocketStream, WebSocketServer } from "ws";
import { azureHost } from "../../azure/hosts";
import { clientChainOf } from "../kernel/clientChain";
import { respond, type ServiceDefinition } from "../kernel/service";
import { type Authenticate, hubEndpoint } from "./hub/hubEndpoint";
import { CONNACK, ConnectRefused, type Endpoint } from "./mqttEndpoint";
import { Session } from "./mqttSession";
import { provisioningEndpoint, type Responder } from "./provisioning/provisioningEndpoint";

/** Azure's path for MQTT over WebSocket. */
const WEB_SOCKET_PATH = "/$iothub/websocket";
/** Largest frame: IoT Hub's messages end at 256 KB, the rest is room for topics. */
const MAX_FRAME = 1024 * 1024;

/** What MQTT needs of the rest: the services behind HTTP, with their faults in front. */
export interface MqttDependencies {
  readonly dpsDevice: ServiceDefinition;
  readonly hub: ServiceDefinition;
  readonly authenticate: Authenticate;
  /** Hears of connections and refusals; no topics' contents and no passwords. */
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  /** Hears of faults of ours. */
  readonly failed: (service: string, error: unknown) => void;
}

/** MQTT 3.1.1 at the device hosts: TLS on port 8883 and WebSocket on port 443. */
export interface Mqtt {
  /** Takes a connection on which TLS has ended. */
  take(socket: TLSSocket): void;
  /** Takes an HTTP httpRequest to upgrade. Anything but MQTT at Azure's path is refused. */
  upgrade(httpRequest: IncomingMessage, socket: Duplex, head: Buffer): void;
}

function responder(definition: ServiceDefinition, failed: MqttDependencies["failed"]): Responder {
  const operations = new Map(definition.operations.map((operation) => [operation.name, operation]));
  return (name, request) => {
    const operation = operations.get(name);
    if (!operation) throw new Error(`${definition.name} has no operation ${name}`);
    return respond(definition, request, operation, (error) => failed(definition.name, error));
  };
}

/** Makes MQTT's way into the services. */
export function mqtt({ dpsDevice, hub, authenticate, log, failed }: MqttDependencies): Mqtt {
  const provisioning = provisioningEndpoint(responder(dpsDevice, failed));
  const telemetry = hubEndpoint(authenticate, responder(hub, failed));
  const endpoint: Endpoint = async (visitor) => {
    switch (azureHost(visitor.host)?.service) {
      case "dps":
      case "dpsDevice":
        return provisioning(visitor);
      case "hub":
        return telemetry(visitor);
      default:
        throw new ConnectRefused(CONNACK.serverUnavailable, `nothing speaks MQTT at ${visitor.host || "no host name"}`);
    }
  };
  const start = (stream: Duplex, socket: TLSSocket, host: string): void => {
    new Session(stream, endpoint, { host, clientChain: () => clientChainOf(socket), log });
  };
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
  });
  return {
    take: (socket) => start(socket, socket, nameOf(socket)),
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

/** The path that is asked for, decoded, in lower case; undefined when its percent signs stand for no text. */
function pathOf({ url = "" }: IncomingMessage): string | undefined {
  try {
    return decodeURIComponent(url.split("?", 1)[0] ?? "").toLowerCase();
  } catch {
    return undefined;
  }
}

const nameOf = (socket: TLSSocket & { readonly servername?: string | false | null }): string =>
  typeof socket.servername === "string" ? socket.servername.toLowerCase() : "";

function refuse(socket: Duplex, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
