import type { AuthContext, Connection, PseudoTtyInfo, ServerChannel, Session } from "ssh2";
import type { TerminalSize } from "../console/terminalOutput";
import { OperatorError } from "../operatorError";
import type { AuthenticatedUser } from "../users/authenticator";
import type { ClientConnection, SshServerOptions } from "./clientConnection";
import { SERVER_LIMITS, type ServerLimits } from "./serverLimits";

/** A client's terminal. Zero is an unknown size (RFC 4254 section 6.2). */
const sizeOf = ({ cols, rows }: Pick<PseudoTtyInfo, "cols" | "rows">): TerminalSize => ({
  columns: cols === 0 ? 80 : Math.min(Math.max(cols, 20), 1000),
  rows: rows === 0 ? 24 : Math.min(rows, 1000),
});

/** What a connection reports to its server, and learns from it. */
interface ConnectionEvents {
  signedIn(): void;
  isEndpointEnding(): boolean;
}

/** One connection, from sign-in to its end. */
export class ServedConnection {
  /** When the connection is closed and all that it served has ended. */
  readonly ended: Promise<void>;
  private readonly limits: ServerLimits;
  private tries = 0;
  private channels = 0;
  private user: AuthenticatedUser | undefined;
  private client: ClientConnection | undefined;
  private readonly served = new Set<Promise<void>>();
  /** Ends a connection that serves nothing: without a shell or command it would have no end. */
  private idle: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    readonly connection: Connection,
    private readonly source: string,
    private readonly options: SshServerOptions,
    private readonly events: ConnectionEvents,
  ) {
    this.limits = options.limits ?? SERVER_LIMITS;
    let hasFailed = false;
    connection.on("error", ({ message }) => {
      // ssh2 reports each further packet of a broken connection.
      if (!hasFailed) options.log("connection failed", { source, message });
      hasFailed = true;
    });
    connection.on("authentication", (context) => void this.authenticate(context));
    connection.on("ready", () => {
      events.signedIn();
      this.ready();
    });
    this.ended = new Promise((resolve) => {
      connection.once("close", () => void this.finish().then(resolve));
    });
  }

  private async authenticate(context: AuthContext): Promise<void> {
    const { source } = this;
    const { method } = context;
    let isUnavailable = false;
    // A client asks by `none` which methods there are.
    if (method === "none") return context.reject(["publickey", "password"]);
    try {
      this.user = await this.judged(context);
      return context.accept();
    } catch (error) {
      const reason = error instanceof OperatorError ? error.code : String(error);
      isUnavailable = reason === "StoreUnavailable";
      this.options.log("sign-in refused", { source, user: await this.shownName(context, reason), method, reason });
    }
    this.tries += 1;
    // A further try would wait for the store again.
    if (isUnavailable || this.tries >= this.limits.signInTries) this.connection.end();
    else context.reject(["publickey", "password"]);
  }

  /** The name of a user. What is none may be a password, typed a line too early. */
  private async shownName({ username }: AuthContext, reason: string): Promise<string> {
    const isJudged = reason === "AuthenticationFailed" || reason === "AccountLocked";
    // A store that could not be read is not asked again.
    const name = isJudged && (await this.options.authenticator.knownName(username).catch(() => undefined));
    return name || "(unknown)";
  }

  private async judged(context: AuthContext): Promise<AuthenticatedUser> {
    const { authenticator } = this.options;
    if (context.method === "password") return authenticator.byPassword(context.username, context.password, this.source);
    if (context.method !== "publickey") throw new OperatorError("AuthenticationFailed", "The method is not offered.");
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
    this.wait();
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
    const begin = (channel: ServerChannel | undefined, command?: string): void => {
      // ssh2 accepts one shell or command on a channel, and gives no channel for a further one.
      if (channel === undefined) return;
      const serving = this.client?.serve({
        channel,
        command,
        terminal,
        onResize: (next) => {
          resized = next;
        },
      });
      if (serving === undefined) return;
      // A defect ends its channel, and not the instance.
      const ended = serving.catch((error: unknown) => {
        this.options.log("channel failed", { source: this.source, message: String((error as Error).stack ?? error) });
        channel.close();
      });
      clearTimeout(this.idle);
      this.served.add(ended);
      void ended.finally(() => {
        this.served.delete(ended);
        if (this.served.size === 0) this.wait();
      });
    };
    session.on("shell", (accept) => begin(accept()));
    session.on("exec", (accept, _reject, { command }) => begin(accept(), command));
  }

  private wait(): void {
    clearTimeout(this.idle);
    if (!this.isClosed) this.idle = setTimeout(() => this.connection.end(), this.limits.idleMs);
  }

  private async finish(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.idle);
    await Promise.all(this.served);
    await this.client?.closed(this.events.isEndpointEnding());
  }
}
