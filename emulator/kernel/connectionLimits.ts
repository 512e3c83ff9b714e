import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The time-outs of every listener of the local Azure, in milliseconds. */
export interface ConnectionLimits {
  /** From the connection to the end of its TLS handshake; also for a ClientHello or a refusal to be read. */
  readonly handshake: number;
  /** From the end of the handshake to the first byte of a client without ALPN. */
  readonly firstByte: number;
  /** For the headers of a request; on a new connection from its start. */
  readonly headers: number;
  /** For a whole request, its body included. */
  readonly request: number;
  /** Between two bytes in either direction while a request is open: more than the 600 s that a call of a direct method may take. */
  readonly idle: number;
  /** Between two requests: longer than in the connection pools of the SDKs. */
  readonly keepAlive: number;
  /** For MQTT's CONNECT. Afterwards the keep-alive of the connection counts. */
  readonly mqttConnect: number;
  /** For AMQP's SASL and `open`. */
  readonly amqpOpen: number;
  /** Between two frames of AMQP, empty ones included, as announced to the client. */
  readonly amqpIdle: number;
  /** Between two searches for requests that are too slow. */
  readonly check: number;
  /** For requests in progress when the local Azure ends. */
  readonly shutdown: number;
}

/** The limits of a running local Azure. */
export const CONNECTION_LIMITS: ConnectionLimits = Object.freeze({
  handshake: 30_000,
  firstByte: 60_000,
  headers: 60_000,
  request: 300_000,
  idle: 660_000,
  keepAlive: 120_000,
  mqttConnect: 30_000,
  amqpOpen: 60_000,
  amqpIdle: 240_000,
  check: 10_000,
  shutdown: 5_000,
});

/** The most connections of one listener at a time. */
export const MAX_CONNECTIONS = 10_000;

/**
 * Sets the limits of an HTTP server. Node starts its search for slow requests at `listening`; a server behind TLS
 * does not listen, so `isInner` announces it. `close` ends the search.
 */
export function limitHttp(server: HttpServer, limits: ConnectionLimits, isInner = false): HttpServer {
  server.headersTimeout = limits.headers;
  server.requestTimeout = limits.request;
  server.keepAliveTimeout = limits.keepAlive;
  server.timeout = limits.idle;
  server.maxConnections = MAX_CONNECTIONS;
  if (isInner) server.emit("listening");
  return server;
}

/** Destroys a connection unless the returned function is called in time: bytes do not extend it, unlike a socket's own time-out. */
export function deadline(connection: Duplex, ms: number): () => void {
  const timer = setTimeout(() => connection.destroy(), ms);
  const cancel = (): void => clearTimeout(timer);
  connection.once("close", cancel);
  return cancel;
}

/** Sends a last response, and does not wait for a client that keeps its side open. */
export function endWith(socket: Socket | Duplex, response: string, limits: ConnectionLimits): void {
  deadline(socket, limits.handshake);
  socket.end(response);
}
