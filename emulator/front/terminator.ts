import {
  createServer as createHttp,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { azureHost } from "../../azure/hosts";
import { clientChainOf, serverNameOf } from "../kernel/clientChain";
import { CONNECTION_LIMITS, type ConnectionLimits, deadline, limitHttp } from "../kernel/connectionLimits";
import type { Contexts } from "./contexts";
import { ignoreFailedVerification } from "./failedVerification";
import type { StreamProtocol } from "./streamProtocol";
import { webSocketUpgrade } from "./webSocketUpgrade";

/** Handles a request after TLS. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Terminates TLS in two ways. Device hosts request a client certificate with an empty list of CAs and validate nothing:
 * the application gets the whole chain of a private CA, and decides. All other hosts request none.
 */
export class Terminator {
  readonly #device: HttpServer;
  /** Of hosts that serve protocols besides HTTP, and request no certificates. */
  readonly #upgrading: HttpServer;
  readonly #plain: HttpServer;
  readonly #open = new Set<Socket>();
  #default: SecureContext | undefined;

  /** `warn` receives failed TLS handshakes, for example of a client that does not trust the local CA. */
  constructor(
    private readonly contexts: Contexts,
    handle: RequestHandler,
    private readonly warn: (host: string, reason: string) => void,
    private readonly protocols: readonly StreamProtocol[] = [],
    private readonly limits: ConnectionLimits = CONNECTION_LIMITS,
  ) {
    const http = (): HttpServer =>
      limitHttp(createHttp({ connectionsCheckingInterval: limits.check }, handle), limits, true);
    [this.#device, this.#upgrading, this.#plain] = [http(), http(), http()];
    for (const server of [this.#device, this.#upgrading]) server.on("upgrade", webSocketUpgrade(protocols));
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

  #protocolsAt(host: string): readonly StreamProtocol[] {
    return this.protocols.filter((each) => each.isServedAt(host));
  }

  /** The ports of Azure's at which a host is served: 443, and those of its other protocols. */
  portsAt(host: string): readonly number[] {
    return [443, ...this.#protocolsAt(host).map(({ port }) => port)];
  }

  /**
   * Takes a tracked connection before its TLS handshake. `host` is the name that the client wants to reach; undefined if it
   * names none in TLS, as AMQP clients for Java: it may be a device, and every protocol is served.
   */
  take(raw: Socket, host: string | undefined): void {
    const isDevice = host === undefined || isDeviceHost(host);
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
      // MQTT and AMQP clients and some HTTP clients do not use ALPN: their first byte decides.
      const protocols = host === undefined ? this.protocols : this.#protocolsAt(host);
      const http = isDevice ? this.#device : protocols.length > 0 ? this.#upgrading : this.#plain;
      if (protocols.length > 0 && !socket.alpnProtocol) this.#chooseProtocol(socket, http, protocols);
      else http.emit("connection", socket);
    });
  }

  /** Waits for the first byte of a connection, and passes it to the protocol that starts with it, or to HTTP. */
  #chooseProtocol(socket: TLSSocket, http: HttpServer, protocols: readonly StreamProtocol[]): void {
    const begun = deadline(socket, this.limits.firstByte);
    socket.once("data", (first: Buffer) => {
      begun();
      socket.pause();
      socket.unshift(first);
      const protocol = protocols.find(({ firstBytes }) => firstBytes[0] === first[0]);
      const clientChain = () => clientChainOf(socket);
      if (protocol) protocol.start(socket, { host: serverNameOf(socket), clientChain });
      else http.emit("connection", socket);
      socket.resume();
    });
  }

  /** Ends the open connections. */
  close(): void {
    for (const server of [this.#device, this.#upgrading, this.#plain]) server.close();
    for (const socket of this.#open) socket.destroy();
  }
}

/** Whether devices present their certificates at a host. */
function isDeviceHost(host: string): boolean {
  const service = azureHost(host)?.service;
  return service === "dpsDevice" || service === "dps" || service === "hub";
}

/** Whether the local CA issues a certificate for a host. */
export function isServed(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1" || azureHost(host) !== undefined;
}
