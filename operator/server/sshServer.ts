import type { AuthContext, Connection, PseudoTtyInfo, ServerChannel, Session } from "ssh2";
import type { TerminalSize } from "../console/terminalOutput";
import type { AuthenticatedUser, Authenticator } from "../users/authenticator";
import { ssh2 } from "../users/publicKey";
import type { HostKey } from "./hostKeys";
import { SERVER_LIMITS, type ServerLimits } from "./serverLimits";

/** A channel of a client that has signed in. */
export interface ClientChannel {
  readonly channel: ServerChannel;
  /** The line of `ssh HOST COMMAND`; undefined for a shell. */
  readonly command?: string;
  /** The terminal; undefined without one. */
  readonly terminal?: TerminalSize;
  /** Calls back with each new size of the terminal. */
  onResize(resized: (size: TerminalSize) => void): void;
}

/** What the server does with a client that has signed in: one object for each connection. */
export interface ClientConnection {
  /** Serves a channel until it ends. */
  serve(channel: ClientChannel): Promise<void>;
  /** The connection has ended. `isEndpointEnding`: because the endpoint ends, and not by the client. */
  closed(isEndpointEnding: boolean): Promise<void>;
}

/** What an SSH server needs. */
export interface SshServerOptions {
  readonly hostKeys: readonly HostKey[];
  readonly authenticator: Authenticator;
  readonly limits?: ServerLimits;
  connect(user: AuthenticatedUser, source: string): ClientConnection;
  /** Notes an event for the endpoint's own log. */
  log(event: string, data: Readonly<Record<string, unknown>>): void;
}

/** A server that listens. */
export interface ListeningServer {
  readonly port: number;
  /** Ends all connections, and returns when their sessions have ended. */
  close(): Promise<void>;
}

/** No SHA-1, no CBC, no finite-field groups. */
const ALGORITHMS = {
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
} as const;

/** An address as failures and limits count it: an IPv6 host has a whole /64. */
export function sourceOf(address: string | undefined): string {
  const plain = (address ?? "unknown").replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::", 2);
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - first.length - last.length)).fill("0");
  return `${[...first, ...middle, ...last].slice(0, 4).join(":")}::/64`;
}

/**
 * Starts an SSH server for sessions only: no forwarding, no subsystem, no environment variables, no agent. Errors: those of
 * listening, such as EADDRINUSE.
 */
export async function startSshServer(host: string, port: number, options: SshServerOptions): Promise<ListeningServer> {
  const { limits = SERVER_LIMITS, log } = options;
  const connections = new Set<{ readonly connection: Connection; readonly ended: Promise<void> }>();
  const unauthenticated = new Map<string, number>();
  let isEnding = false;
  const server = new (ssh2().Server)({
    hostKeys: options.hostKeys.map(({ privateKey }) => privateKey),
    ident: "ZeroTouchOperator",
    algorithms: ALGORITHMS as never,
    keepaliveInterval: limits.keepaliveMs,
    keepaliveCountMax: 3,
  } as never);
  server.maxConnections = limits.connections;
  server.on("connection", (connection, info) => {
    const source = sourceOf(info.ip);
    const open = unauthenticated.get(source) ?? 0;
    connection.on("error", ({ message }) => log("connection failed", { source, message }));
    if (open >= limits.unauthenticatedOfSource) {
      log("connection refused", { source, reason: "too many that have not signed in" });
      connection.end();
      return;
    }
    unauthenticated.set(source, open + 1);
    const isEndpointEnding = (): boolean => isEnding;
    const { ended } = new ServedConnection(connection, source, options, limits, isEndpointEnding, () => {
      const left = (unauthenticated.get(source) ?? 1) - 1;
      if (left === 0) unauthenticated.delete(source);
      else unauthenticated.set(source, left);
    });
    const entry = { connection, ended };
    connections.add(entry);
    void ended.finally(() => connections.delete(entry));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error: Error) => log("server failed", { message: error.message }));
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      isEnding = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const { connection } of connections) connection.end();
      await Promise.all([...connections].map(({ ended }) => ended));
      await closed;
    },
  };
}

/** A client's terminal. Zero is an unknown size (RFC 4254 section 6.2). */
const sizeOf = ({ cols, rows }: Pick<PseudoTtyInfo, "cols" | "rows">): TerminalSize => ({
  columns: cols === 0 ? 80 : Math.min(Math.max(cols, 20), 1000),
  rows: rows === 0 ? 24 : Math.min(rows, 1000),
});

/** One connection, from sign-in to its end. */
class ServedConnection {
  /** When the connection is closed and all that it served has ended. */
  readonly ended: Promise<void>;
  private tries = 0;
  private channels = 0;
  private user: AuthenticatedUser | undefined;
  private client: ClientConnection | undefined;
  private readonly served = new Set<Promise<void>>();

  constructor(
    private readonly connection: Connection,
    private readonly source: string,
    private readonly options: SshServerOptions,
    private readonly limits: ServerLimits,
    private readonly isEndpointEnding: () => boolean,
    signedIn: () => void,
  ) {
    const timer = setTimeout(() => {
      options.log("sign-in timed out", { source });
      connection.end();
    }, limits.signInMs);
    let isWaiting = true;
    const decided = (): void => {
      clearTimeout(timer);
      if (isWaiting) signedIn();
      isWaiting = false;
    };
    connection.on("authentication", (context) => void this.authenticate(context));
    connection.on("ready", () => {
      decided();
      this.ready();
    });
    this.ended = new Promise((resolve) => {
      connection.once("close", () => {
        decided();
        void this.finish().then(resolve);
      });
    });
  }

  private async authenticate(context: AuthContext): Promise<void> {
    const { source } = this;
    try {
      const user = context.method === "none" ? undefined : await this.judged(context);
      if (user !== undefined) {
        this.user = user;
        context.accept();
        return;
      }
    } catch (error) {
      this.options.log("sign-in failed", { source, user: context.username, reason: String(error) });
    }
    if (context.method !== "none") {
      this.tries += 1;
      this.options.log("sign-in refused", { source, user: context.username, method: context.method });
    }
    if (this.tries >= this.limits.signInTries) this.connection.end();
    else context.reject(["publickey", "password"]);
  }

  private async judged(context: AuthContext): Promise<AuthenticatedUser | undefined> {
    const { authenticator } = this.options;
    if (context.method === "password") return authenticator.byPassword(context.username, context.password, this.source);
    if (context.method !== "publickey") return undefined;
    const { key, hashAlgo, blob, signature } = context;
    return authenticator.byKey(context.username, {
      type: key.algo,
      wire: key.data,
      hash: hashAlgo,
      proof: blob === undefined || signature === undefined ? undefined : { blob, signature },
    });
  }

  private ready(): void {
    const { user, source } = this;
    if (user === undefined) return;
    this.options.log("signed in", { source, user: user.user, credential: user.credential });
    this.client = this.options.connect(user, source);
    this.connection.on("session", (accept, reject) => {
      if (this.channels >= this.limits.channels) return reject();
      this.channels += 1;
      const session = accept();
      session.once("close", () => {
        this.channels -= 1;
      });
      this.serve(session);
    });
  }

  private serve(session: Session): void {
    let terminal: TerminalSize | undefined;
    let resized: (size: TerminalSize) => void = () => undefined;
    session.on("pty", (accept, _reject, info) => {
      terminal = sizeOf(info);
      accept?.();
    });
    session.on("window-change", (accept, _reject, info) => {
      terminal = sizeOf(info);
      resized(terminal);
      accept?.();
    });
    const begin = (channel: ServerChannel, command?: string): void => {
      const serving = this.client?.serve({
        channel,
        command,
        terminal,
        onResize: (next) => {
          resized = next;
        },
      });
      if (serving === undefined) return;
      this.served.add(serving);
      void serving.finally(() => this.served.delete(serving));
    };
    session.on("shell", (accept) => begin(accept()));
    session.on("exec", (accept, _reject, { command }) => begin(accept(), command));
  }

  private async finish(): Promise<void> {
    await Promise.all(this.served);
    await this.client?.closed(this.isEndpointEnding());
  }
}
