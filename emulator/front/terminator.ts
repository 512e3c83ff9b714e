import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { azureHost } from "../../azure/hosts";
import type { Contexts } from "./contexts";
import { TLS_OPTIONS } from "./contexts";

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
/** Milliseconds that a client without ALPN has to send its first byte. */
const FIRST_BYTE_TIMEOUT = 60_000;

/** Milliseconds that idle connections stay open: longer than in the connection pools of the SDKs. */
const KEEP_ALIVE = 120_000;

/**
 * Terminates TLS in two ways. Device hosts request a client certificate with an empty list of CAs and validate nothing:
 * the application gets the whole chain of a private CA, and decides. All other hosts request none.
 */
export class Terminator {
  readonly #device: Server;
  readonly #plain: Server;
  readonly #open = new Set<Socket>();

  /** `warn` receives failed TLS handshakes, for example of a client that does not trust the local CA. */
  constructor(
    private readonly contexts: Contexts,
    handle: RequestHandler,
    private readonly warn: (host: string, reason: string) => void,
    protocols?: DeviceProtocols,
  ) {
    this.#device = this.#server(true, handle, protocols);
    this.#plain = this.#server(false, handle);
  }

  #server(requestCert: boolean, handle: RequestHandler, protocols?: DeviceProtocols): Server {
    const http = createHttp(handle);
    http.keepAliveTimeout = KEEP_ALIVE;
    if (protocols) http.on("upgrade", (request, socket, head) => protocols.upgrade(request, socket, head));
    const server = createServer(
      {
        ...TLS_OPTIONS,
        requestCert,
        rejectUnauthorized: false,
        ALPNProtocols: ["http/1.1"],
        SNICallback: (name, done) => this.#choose(name, done),
      },
      (socket) => {
        // MQTT clients and some HTTP clients do not use ALPN: their first byte decides.
        if (protocols && !socket.alpnProtocol) chooseProtocol(socket, http, protocols);
        else http.emit("connection", socket);
      },
    );
    // Without a listener nothing would close the socket. A client that disconnects is no reason to warn.
    server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
      if (error.code?.startsWith("ERR_SSL")) this.warn(String(socket.servername || "?"), error.message.trim());
      socket.destroy();
    });
    return server;
  }

  #choose(name: string, done: (error: Error | null, context?: Awaited<ReturnType<Contexts["of"]>>) => void): void {
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
    const { certificate, key } = await this.contexts.identity(name);
    for (const server of [this.#device, this.#plain]) {
      server.setSecureContext({ cert: certificate, key, ...TLS_OPTIONS });
    }
  }

  /** Tracks a connection from its start, so that `close` ends it: a listener closes after its last connection. */
  watch(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
  }

  /** Takes a tracked connection before its TLS handshake; `host` is the name that the client wants to reach. */
  take(socket: Socket, host: string): void {
    const server = isDeviceHost(host) ? this.#device : this.#plain;
    server.emit("connection", socket);
  }

  /** Ends the open connections. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

/** Waits for the first byte of a connection, and passes it to MQTT or HTTP. */
function chooseProtocol(socket: TLSSocket, http: ReturnType<typeof createHttp>, protocols: DeviceProtocols): void {
  const drop = (): void => {
    socket.destroy();
  };
  socket.setTimeout(FIRST_BYTE_TIMEOUT, drop);
  socket.on("error", drop);
  socket.once("data", (first: Buffer) => {
    socket.pause();
    socket.setTimeout(0, drop);
    socket.off("error", drop);
    socket.unshift(first);
    if (first[0] === MQTT_CONNECT) protocols.take(socket);
    else http.emit("connection", socket);
    socket.resume();
  });
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
