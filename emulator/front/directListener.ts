import { createServer, type Server, type Socket } from "node:net";
import { CONNECTION_LIMITS, type ConnectionLimits, deadline, MAX_CONNECTIONS } from "../kernel/connectionLimits";
import { serverNameOf } from "./clientHello";
import type { Terminator } from "./terminator";

/** The longest accepted ClientHello in bytes. */
const HELLO_LIMIT = 16_384;

/**
 * A TLS listener without a proxy: the metadata host for azure-native and az cloud profiles at 127.0.0.1, and all of
 * Azure's names for clients that a preload or a hosts file redirects. `startPlainAmqp` serves AMQP without TLS, which
 * clients of the emulator of Event Hubs speak (`UseDevelopmentEmulator=true`).
 */
export function createDirectListener(
  terminator: Terminator,
  limits = CONNECTION_LIMITS,
  startPlainAmqp?: (socket: Socket) => void,
): Server {
  // As HTTP servers do: a response must not wait 40 ms for the previous one's acknowledgement.
  const server = createServer({ noDelay: true }, (socket) => readHello(socket, terminator, limits, startPlainAmqp));
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

/** The first bytes of AMQP; a ClientHello starts with 0x16. */
const AMQP = Buffer.from("AMQP");

function readHello(
  socket: Socket,
  terminator: Terminator,
  limits: ConnectionLimits,
  startPlainAmqp?: (socket: Socket) => void,
): void {
  let seen = Buffer.alloc(0);
  terminator.watch(socket);
  const complete = deadline(socket, limits.handshake);
  socket.on("error", () => socket.destroy());
  socket.on("data", onData);

  function onData(chunk: Buffer): void {
    seen = Buffer.concat([seen, chunk]);
    const isAmqp = startPlainAmqp !== undefined && seen.subarray(0, AMQP.length).equals(AMQP);
    const name = isAmqp ? "" : serverNameOf(seen);
    if (name === undefined && seen.length < HELLO_LIMIT) return;
    socket.off("data", onData);
    socket.pause();
    complete();
    socket.unshift(seen);
    if (isAmqp) startPlainAmqp(socket);
    else terminator.take(socket, name ?? undefined);
  }
}
