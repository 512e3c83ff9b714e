import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Algorithms } from "ssh2";
import { ssh2 } from "../users/publicKey";
import { boundSocket } from "./boundedSocket";
import { sourceOf } from "./clientAddress";
import type { SshServerOptions } from "./clientConnection";
import { ServedConnection } from "./servedConnection";
import { SERVER_LIMITS } from "./serverLimits";

/** A server that listens. */
export interface ListeningServer {
  readonly port: number;
  /** Ends all connections, and returns when their sessions have ended. */
  close(): Promise<void>;
}

/** No SHA-1, no CBC, no finite-field groups. */
const ALGORITHMS: Algorithms = {
  kex: [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
  ],
  cipher: [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
  ],
  hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
  compress: ["none"],
};

/**
 * Starts an SSH server for sessions only: no forwarding, no subsystem, no environment variables, no agent. Errors: those of
 * listening, such as EADDRINUSE.
 */
export async function startSshServer(host: string, port: number, options: SshServerOptions): Promise<ListeningServer> {
  const { limits = SERVER_LIMITS, log } = options;
  const connections = new Set<ServedConnection>();
  const waiting = new WaitingSockets(limits.unauthenticatedOfSource, limits.signInMs);
  let isEnding = false;
  const protocol = new (ssh2().Server)(
    {
      hostKeys: options.hostKeys.map(({ privateKey }) => privateKey),
      ident: "ZeroTouchOperator",
      algorithms: ALGORITHMS,
      keepaliveInterval: limits.keepaliveMs,
      keepaliveCountMax: 3,
    },
    (connection, { ip, port: clientPort }) => {
      const served = new ServedConnection(connection, sourceOf(ip), options, {
        isEndpointEnding: () => isEnding,
        signedIn: () => waiting.signIn(ip, clientPort),
      });
      connections.add(served);
      void served.ended.finally(() => connections.delete(served));
    },
  );
  protocol.maxConnections = limits.connections;
  // The sockets are ours, because ssh2 reports a client only once it has sent its first line.
  const server = createServer({ noDelay: true }, (socket) => {
    const source = sourceOf(socket.remoteAddress);
    const refused = (reason: string): void => log("connection refused", { source, reason });
    const signedIn = boundSocket(socket, limits, refused);
    if (waiting.add(socket, signedIn)) return protocol.injectSocket(socket);
    refused("too many that have not signed in");
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", ({ message }: Error) => log("server failed", { message }));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      isEnding = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      waiting.destroy();
      for (const { connection } of connections) connection.end();
      await Promise.all([...connections].map(({ ended }) => ended));
      await closed;
    },
  };
}

/** A socket, the timer that ends it, and what follows its sign-in. */
interface WaitingSocket {
  readonly socket: Socket;
  readonly timer: NodeJS.Timeout;
  readonly signedIn: () => void;
}

/** Sockets of clients that have not signed in: a few of each source, for a limited time. */
class WaitingSockets {
  private readonly sockets = new Map<string, WaitingSocket>();

  constructor(
    private readonly limitOfSource: number,
    private readonly milliseconds: number,
  ) {}

  /** False where the source has too many. */
  add(socket: Socket, signedIn: () => void): boolean {
    const { remoteAddress = "", remotePort = 0 } = socket;
    const source = sourceOf(remoteAddress);
    const others = [...this.sockets.values()].filter((each) => sourceOf(each.socket.remoteAddress) === source);
    if (others.length >= this.limitOfSource) return false;
    const timer = setTimeout(() => socket.destroy(), this.milliseconds);
    this.sockets.set(`${remoteAddress} ${remotePort}`, { socket, timer, signedIn });
    socket.once("close", () => this.release(remoteAddress, remotePort));
    return true;
  }

  /** The client has signed in. */
  signIn(address: string, port: number): void {
    this.sockets.get(`${address} ${port}`)?.signedIn();
    this.release(address, port);
  }

  /** The client is gone, or waits no longer. */
  private release(address: string, port: number): void {
    const key = `${address} ${port}`;
    clearTimeout(this.sockets.get(key)?.timer);
    this.sockets.delete(key);
  }

  destroy(): void {
    for (const { socket } of this.sockets.values()) socket.destroy();
  }
}
