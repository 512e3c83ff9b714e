import { createServer, type Server, type Socket } from "node:net";
import { CONNECTION_LIMITS, type ConnectionLimits, deadline, MAX_CONNECTIONS } from "../kernel/connectionLimits";
import { serverNameOf } from "./clientHello";
import type { Terminator } from "./terminator";

/** The longest accepted ClientHello in bytes. */
const HELLO_LIMIT = 16_384;

/**
 * A TLS listener without a proxy: the metadata host for azure-native and az cloud profiles at 127.0.0.1, and all of
 * Azure's names for clients that a preload or a hosts file redirects.
 */
export function createDirectListener(terminator: Terminator, limits = CONNECTION_LIMITS): Server {
  // As HTTP servers do: a response must not wait 40 ms for the previous one's acknowledgement.
  const server = createServer({ noDelay: true }, (socket) => readHello(socket, terminator, limits));
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function readHello(socket: Socket, terminator: Terminator, limits: ConnectionLimits): void {
  let seen = Buffer.alloc(0);
  terminator.watch(socket);
  const complete = deadline(socket, limits.handshake);
  socket.on("error", () => socket.destroy());
  socket.on("data", onData);

  function onData(chunk: Buffer): void {
    seen = Buffer.concat([seen, chunk]);
    const name = serverNameOf(seen);
    if (name === undefined && seen.length < HELLO_LIMIT) return;
    socket.off("data", onData);
    socket.pause();
    complete();
    socket.unshift(seen);
    terminator.take(socket, name ?? "127.0.0.1");
  }
}
