import {
  createServer as createHttp,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type SecureContext, TLSSocket } from "node:tls";
import { azureHost } from "../../azure/hosts";
import { serverNameOf } from "../kernel/clientChain";
import { CONNECTION_LIMITS, type ConnectionLimits, deadline, limitHttp } from "../kernel/connectionLimits";
import type { Contexts } from "./contexts";
import { ignoreFailedVerification } from "./failedVerification";

/** Handles a request after TLS. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** Handles the protocols of device hosts besides HTTP. */
export interface DeviceProtocols {
  /** Takes a connection whose first byte is that of MQTT's CONNECT. */
  take(socket: TLSSocket): void;
  /** A request to upgrade to WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The first byte of every MQTT connection: CONNECT (MQTT 3.1.1, 3.1.1). No HTTP method starts with it. */
const MQTT_CONNECT = 0x10;

/**
 * Terminates TLS in two ways. Device hosts request a client certificate with an empty list of CAs and validate nothing:
 * the application gets the whole chain of a private CA, and decides. All other hosts request none.
 */
export class Terminator {
  readonly #device: HttpServer;
  readonly #plain: HttpServer;
  readonly #open = new Set<Socket>();
  #default: SecureContext | undefined;

  /** `warn` receives failed TLS handshakes, for example of a client that does not trust the local CA. */
  constructor(
    private readonly contexts: Contexts,
    handle: RequestHandler,
    private readonly warn: (host: string, reason: string) => void,
    private readonly protocols?: DeviceProtocols,
    private readonly limits: ConnectionLimits = CONNECTION_LIMITS,
  ) {
    const http = (): HttpServer =>
      limitHttp(createHttp({ connectionsCheckingInterval: limits.check }, handle), limits, true);
    [this.#device, this.#plain] = [http(), http()];
    if (protocols) this.#device.on("upgrade", (request, socket, head) => protocols.upgrade(request, socket, head));
  }

  #choose(name: string, done: (error: Error | null, context?: SecureContext) => void): void {
    const host = name.toLowerCase();
    if (!isServed(host)) {
      done(new Error(`the local Azure has no host ${host}`));
      return;
    }
    this.contexts.of(host).then(
      (context) => done(null, context),
      (error: Error) => done(error),
    );
  }

  /** Sets the certificate for clients without SNI, as those that connect to an IP address. */
  async setDefault(name: string): Promise<void> {
    this.#default = await this.contexts.of(name);
  }

  /** Tracks a connection from its start, so that `close` ends it: a listener closes after its last connection. */
  watch(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
  }

  /** Takes a tracked connection before its TLS handshake; `host` is the name that the client wants to reach. */
  take(raw: Socket, host: string): void {
    const isDevice = isDeviceHost(host);
    const socket = new TLSSocket(raw, {
      isServer: true,
      requestCert: isDevice,
      rejectUnauthorized: false,
      secureContext: this.#default,
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, done) => this.#choose(name, done),
    });
    ignoreFailedVerification(socket);
    const established = deadline(socket, this.limits.handshake);
    // A client that disconnects is no reason to warn.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("ERR_SSL")) this.warn(serverNameOf(socket) || "?", error.message.trim());
      socket.destroy();
    });
    socket.once("secure", () => {
      established();
      // MQTT clients and some HTTP clients do not use ALPN: their first byte decides.
      if (isDevice && this.protocols && !socket.alpnProtocol) this.#chooseProtocol(socket, this.protocols);
      else (isDevice ? this.#device : this.#plain).emit("connection", socket);
    });
  }

  /** Waits for the first byte of a connection, and passes it to MQTT or HTTP. */
  #chooseProtocol(socket: TLSSocket, protocols: DeviceProtocols): void {
    const begun = deadline(socket, this.limits.firstByte);
    socket.once("data", (first: Buffer) => {
      begun();
      socket.pause();
      socket.unshift(first);
      if (first[0] === MQTT_CONNECT) protocols.take(socket);
      else this.#device.emit("connection", socket);
      socket.resume();
    });
  }

  /** Ends the open connections. */
  close(): void {
    for (const server of [this.#device, this.#plain]) server.close();
    for (const socket of this.#open) socket.destroy();
  }
}

/** Whether devices present their certificates at a host. */
export function isDeviceHost(host: string): boolean {
  const service = azureHost(host)?.service;
  return service === "dpsDevice" || service === "dps" || service === "hub";
}

/** Whether the local CA issues a certificate for a host. */
export function isServed(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1" || azureHost(host) !== undefined;
}
