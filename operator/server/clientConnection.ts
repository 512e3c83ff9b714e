import type { ServerChannel } from "ssh2";
import type { TerminalSize } from "../console/terminalOutput";
import type { AuthenticatedUser, Authenticator } from "../users/authenticator";
import type { HostKey } from "./hostKeys";
import type { ServerLimits } from "./serverLimits";

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
