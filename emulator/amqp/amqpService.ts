import type { Duplex } from "node:stream";
import { azureHost } from "../../azure/hosts";
import type { StreamClient, StreamProtocol } from "../front/streamProtocol";
import { AmqpConnection } from "./amqpConnection";
import type { AmqpDependencies, AmqpEndpoint } from "./amqpDependencies";

/** AMQP 1.0 in front of the device hosts, the hubs and their Event Hubs-compatible endpoints. */
export interface AmqpService extends StreamProtocol {
  /** Serves a connection without TLS, as the emulator of Event Hubs does. */
  startPlain(stream: Duplex): void;
}

/** Makes AMQP in front of its endpoints. */
export function amqpService({ endpoints, log, failed }: AmqpDependencies): AmqpService {
  const endpointAt = (host: string): AmqpEndpoint | undefined => {
    const service = azureHost(host)?.service;
    return service && service in endpoints ? endpoints[service as keyof typeof endpoints] : undefined;
  };
  const open = (stream: Duplex, client: StreamClient, endpoint: (host: string) => AmqpEndpoint | undefined) =>
    new AmqpConnection(stream, client, { endpoint, log, failed: (error) => failed("amqp", error) });
  return {
    port: 5671,
    firstBytes: Buffer.from("AMQP"),
    pathsAt: () => ["/$servicebus/websocket", "/$iothub/websocket"],
    subProtocols: ["amqpwsb10", "amqp"],
    isServedAt: (host) => endpointAt(host) !== undefined,
    start(stream, client) {
      open(stream, client, endpointAt);
    },
    startPlain(stream) {
      open(stream, { host: "", clientChain: () => [] }, () => endpoints.local);
    },
  };
}
