import { createServer, type Server, type Socket } from "node:net";
import { serverNameOf } from "./clientHello";
import type { Terminator } from "./terminator";

/** A client has this long (milliseconds) to say hello. */
const HELLO_TIMEOUT = 10_000;
/** A ClientHello that is longer than this is no ClientHello of ours. */
const HELLO_LIMIT = 16_384;

/**
 * A TLS listener without a proxy: the metadata host for azure-native and az cloud profiles at 127.0.0.1, and every name
 * of Azure for clients that were sent here by a preload or a hosts file.
 */
export function createDirectListener(terminator: Terminator): Server {
  // As HTTP servers do: a response must not wait 40 ms for the acknowledgement of the previous one.
  return createServer({ noDelay: true }, (socket) => greet(socket, terminator));
}

function greet(socket: Socket, terminator: Terminator): void {
  let seen = Buffer.alloc(0);
  terminator.watch(socket);
  socket.setTimeout(HELLO_TIMEOUT, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", listen);

  function listen(chunk: Buffer): void {
    seen = Buffer.concat([seen, chunk]);
    const name = serverNameOf(seen);
    if (name === undefined && seen.length < HELLO_LIMIT) return;
    socket.off("data", listen);
    socket.pause();
    socket.setTimeout(0);
    socket.unshift(seen);
    terminator.take(socket, name ?? "127.0.0.1");
  }
}
