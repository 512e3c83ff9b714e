import type { Clock } from "../../certs/clock";
import { hasCommand } from "../commands/generalCommands";
import type { OperatorCommand, OperatorRole } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { ClientChannel, ClientConnection } from "../server/sshServer";
import type { OperatorSession } from "../sessions/operatorSession";
import type { SessionClient, SessionRegistry } from "../sessions/sessionRegistry";
import type { OperatorStore } from "../store/operatorStore";
import type { SupportSessions } from "../support/supportSessions";
import type { AuthenticatedUser } from "../users/authenticator";
import { CommandRunner, type LineOutcome } from "./commandRunner";
import { lineCompletions } from "./lineCompletion";
import { legible } from "./outputText";
import type { SessionConsole } from "./sessionConsole";
import { StreamConsole } from "./streamConsole";
import { TerminalConsole } from "./terminalConsole";

/** What sessions are made of. */
export interface ClientSessionDependencies {
  /** Shown in the prompt: `[name]: ZT>`. */
  readonly stackName: string;
  readonly commands: readonly OperatorCommand[];
  readonly store: OperatorStore;
  readonly clock: Clock;
  /** Without input and without a running command, until a shell ends, in milliseconds. */
  readonly idleMs: number;
  readonly registry: SessionRegistry;
  /** The user's role at present; undefined for a user who was removed. */
  roleOf(user: string): Promise<OperatorRole | undefined>;
  readonly support: SupportSessions;
  log(event: string, data: Readonly<Record<string, unknown>>): void;
}

interface Opened {
  readonly session: OperatorSession;
  readonly runner: CommandRunner;
}

/**
 * The session of one SSH connection, for all its channels. It opens with the first one and closes with the connection, or by
 * a command such as Exit.
 */
export class ClientSession implements ClientConnection {
  private opened: Promise<Opened> | undefined;
  private readonly channels = new Set<ClientChannel["channel"]>();
  private endedBy: string | undefined;

  constructor(
    private readonly dependencies: ClientSessionDependencies,
    private readonly user: AuthenticatedUser,
    private readonly source: string,
  ) {}

  async serve(client: ClientChannel): Promise<void> {
    const { channel, command, terminal } = client;
    this.channels.add(channel);
    const stop = new AbortController();
    let isEnding = false;
    channel.on("close", () => {
      if (!isEnding) this.endedBy ??= "disconnected";
      stop.abort();
    });
    channel.on("error", (error: Error) => this.dependencies.log("channel failed", { message: error.message }));
    // Made before the first await, so that no input is lost.
    const view = new ChannelView(client, stop);
    let exitCode = 1;
    try {
      const opened = await this.open(view.terminal);
      exitCode =
        command !== undefined
          ? await this.runOne(command, opened, view)
          : terminal === undefined
            ? await this.runLines(opened, view)
            : await this.runShell(opened, view);
    } catch (error) {
      const known = error instanceof OperatorError;
      if (!known) this.dependencies.log("session failed", { message: String((error as Error).stack ?? error) });
      const shown = known ? error : new OperatorError("SessionClosed", "The session cannot go on.", "connect again");
      view.console.showError(`${shown.describe()}\n`);
    } finally {
      isEnding = true;
      view.close();
      this.channels.delete(channel);
      if (channel.writable) {
        channel.exit(exitCode);
        channel.end();
      }
    }
  }

  async closed(isEndpointEnding: boolean): Promise<void> {
    await this.close(isEndpointEnding ? undefined : (this.endedBy ?? "completed"));
  }

  /** Opens the session, or goes on with one that has lost its instance, where the user at a terminal chooses so. */
  private open(terminal?: TerminalConsole): Promise<Opened> {
    const { registry, log } = this.dependencies;
    const client = { ...this.user, source: this.source };
    this.opened ??= takenOver(registry, client, terminal)
      .then((session) => session ?? registry.open(client))
      .then((session) => {
        session.lost.addEventListener("abort", () => {
          if (this.endedBy === undefined) this.endChannels();
        });
        const logDefect = (error: unknown): void =>
          log("command failed", { session: session.information.id, message: String((error as Error).stack ?? error) });
        return { session, runner: new CommandRunner({ ...this.dependencies, session }, logDefect) };
      })
      .catch((error: unknown) => {
        this.opened = undefined;
        throw error;
      });
    return this.opened;
  }

  /** Ends the channels, except one that ends after its exit code. */
  private endChannels(except?: ClientChannel["channel"]): void {
    for (const channel of this.channels) if (channel !== except) channel.end();
  }

  /** Closes the session; without a reason another instance may go on with it. */
  private async close(reason: string | undefined): Promise<void> {
    try {
      const opened = await this.opened;
      if (opened === undefined || opened.session.lost.aborted) return;
      this.dependencies.support.close(opened.session.information.id);
      await (reason === undefined ? opened.session.suspend() : opened.session.close(reason));
    } catch (error) {
      this.dependencies.log("session not closed", { message: String(error) });
    }
  }

  /** Runs a line; ends the whole session where the line does. */
  private async run(line: string, { runner }: Opened, view: ChannelView): Promise<LineOutcome> {
    if (this.endedBy !== undefined) throw new OperatorError("SessionClosed", "The session has ended.", "connect again");
    const outcome = await runner.run(line, view.console, view.beginCommand());
    view.endCommand();
    if (outcome.endsSession) {
      this.endedBy ??= "Exit";
      await this.close(this.endedBy);
      this.endChannels(view.channel);
      if (outcome.afterClose !== undefined) return { ...outcome, exitCode: await outcome.afterClose() };
    }
    return outcome;
  }

  private async runOne(line: string, opened: Opened, view: ChannelView): Promise<number> {
    return (await this.run(line, opened, view)).exitCode;
  }

  /** A shell without a terminal: each line of standard input is a command. Returns the exit code of the last one. */
  private async runLines(opened: Opened, view: ChannelView): Promise<number> {
    let exitCode = 0;
    for (;;) {
      const line = await view.nextLine();
      if (line === undefined) return exitCode;
      const outcome = await this.run(line, opened, view);
      exitCode = outcome.exitCode;
      if (outcome.endsSession) return exitCode;
    }
  }

  private async runShell(opened: Opened, view: ChannelView): Promise<number> {
    const { stackName, idleMs, commands, store, clock } = this.dependencies;
    const { terminal } = view;
    if (terminal === undefined) return 1;
    terminal.show("Every command and its output is recorded. Get-Command lists the commands.\n");
    const idle = new IdleTimer(idleMs, () => {
      this.endedBy ??= "idle";
      terminal.show(`\nThe session ends after ${Math.round(idleMs / 60_000)} minutes without input.\n`);
      terminal.end();
    });
    view.onInput(() => idle.restart());
    try {
      for (;;) {
        idle.restart();
        const { information, recorder } = opened.session;
        const completions = async (text: string): Promise<[readonly string[], string]> => {
          const session = (await opened.runner.information()) ?? information;
          const context = { session, store, recorder, clock, signal: view.signal, progress: async () => undefined };
          return lineCompletions(
            text,
            commands.filter((each) => hasCommand(context, each)),
            context,
          );
        };
        const line = await terminal.readLine(`[${stackName}]: ZT> `, completions);
        idle.stop();
        if (line === undefined) return 0;
        const { endsSession, exitCode } = await this.run(line, opened, view);
        if (endsSession) return exitCode;
      }
    } finally {
      idle.stop();
    }
  }
}

/** Offers a user's sessions that have lost their instance, the newest first; undefined where it takes none. */
async function takenOver(
  registry: SessionRegistry,
  client: SessionClient,
  terminal: TerminalConsole | undefined,
): Promise<OperatorSession | undefined> {
  if (terminal === undefined) return undefined;
  for (const { id, opened, instance } of (await registry.orphaned(client.user)).reverse()) {
    terminal.show(`The session ${id} of ${opened} has lost its instance, ${instance}.\n`);
    const response = await terminal.ask('Go on with it? [Y] Yes  [N] No (default is "Y"): ');
    if (!/^y?$|^yes$/i.test(response.trim())) continue;
    const session = await registry.takeOver(id, client);
    terminal.show("You go on with the session. It is locked.\n");
    const { interrupted } = session;
    if (interrupted !== undefined) {
      terminal.show(`The outcome of its last command is unknown: ${legible(String(interrupted.line))}\n`);
    }
    return session;
  }
  return undefined;
}

/** A channel as a console, and the signal of its running command. */
class ChannelView {
  readonly terminal: TerminalConsole | undefined;
  private readonly streams: StreamConsole | undefined;
  private command = new AbortController();

  constructor(
    private readonly client: ClientChannel,
    private readonly stop: AbortController,
  ) {
    const { channel, terminal } = client;
    if (terminal === undefined) {
      this.streams = new StreamConsole(channel, channel, channel.stderr);
    } else {
      const view = new TerminalConsole(channel, terminal, () => this.command.abort());
      client.onResize((size) => view.resize(size));
      this.terminal = view;
    }
    stop.signal.addEventListener("abort", () => this.command.abort());
  }

  get channel(): ClientChannel["channel"] {
    return this.client.channel;
  }

  get console(): SessionConsole {
    return (this.terminal ?? this.streams) as SessionConsole;
  }

  get signal(): AbortSignal {
    return this.stop.signal;
  }

  nextLine(): Promise<string | undefined> {
    return this.streams?.readLine() ?? Promise.resolve(undefined);
  }

  onInput(restart: () => void): void {
    this.client.channel.on("data", restart);
  }

  /** The signal of a new command: Ctrl+C, or the end of the channel. */
  beginCommand(): AbortSignal {
    this.command = new AbortController();
    if (this.stop.signal.aborted) this.command.abort();
    return this.command.signal;
  }

  endCommand(): void {
    this.command = new AbortController();
  }

  close(): void {
    this.terminal?.close();
  }
}

/** Calls back after a time without a restart. */
class IdleTimer {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly milliseconds: number,
    private readonly ended: () => void,
  ) {}

  restart(): void {
    this.stop();
    this.timer = setTimeout(this.ended, this.milliseconds);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
