import type { Socket } from "node:net";
import type { ServerLimits } from "./serverLimits";

/** Between two looks at what is unread, in milliseconds. */
const CHECK_MS = 250;

/** The members of a socket that are watched. */
type WatchedSocket = Pick<Socket, "bytesRead" | "writableLength" | "on" | "off" | "destroy">;

/**
 * Ends a connection that fills the memory: ssh2 queues each request to sign in behind one that is judged, and each reply that
 * the client does not read. `refused` gets the reason; the returned function is called once the client has signed in.
 */
export function boundSocket(
  socket: WatchedSocket,
  { signInBytes, unreadBytes }: Pick<ServerLimits, "signInBytes" | "unreadBytes">,
  refused: (reason: string) => void,
): () => void {
  let isSignedIn = false;
  // A client that is silent may be sent more than it reads, too.
  const timer = setInterval(() => check(), CHECK_MS).unref();
  const stop = (): void => {
    clearInterval(timer);
    socket.off("data", check);
  };
  const check = (): void => {
    const isTooMuch = !isSignedIn && socket.bytesRead > signInBytes;
    if (!isTooMuch && socket.writableLength <= unreadBytes) return;
    stop();
    refused(isTooMuch ? "it sends too much before it has signed in" : "it does not read what it is sent");
    socket.destroy();
  };
  socket.on("data", check);
  socket.on("close", stop);
  return () => {
    isSignedIn = true;
  };
}
