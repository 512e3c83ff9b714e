import type { Clock } from "../../certs/clock";
import { hasCommand } from "../commands/generalCommands";
import type { OperatorCommand, OperatorRole } from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { ClientChannel, ClientConnection } from "../server/clientConnection";
import type { OperatorSession } from "../sessions/operatorSession";
import type { SessionRegistry } from "../sessions/sessionRegistry";
import type { OperatorStore } from "../store/operatorStore";
import type { SupportSessions } from "../support/supportSessions";
import type { AuthenticatedUser } from "../users/authenticator";
import { ChannelView } from "./channelView";
import { CommandRunner, type LineOutcome } from "./commandRunner";
import { lineCompletions } from "./lineCompletion";
import type { SessionConsole } from "./sessionConsole";
import { offeredSession } from "./sessionTakeover";
import type { LineCompleter, TerminalConsole } from "./terminalConsole";

/** What sessions are made of. */
export interface ClientSessionDependencies {
  /** Shown in the prompt: `[name]: ZT>`. */
  readonly stackName: string;
  readonly commands: readonly OperatorCommand[];
  readonly store: OperatorStore;
  readonly clock: Clock;
  /** Without input and without a running command, until a session ends, in milliseconds. */
  readonly idleMs: number;
  readonly registry: SessionRegistry;
  /** The user's role at present; undefined for a user who was removed, also where a later one has the same name. */
  roleOf(user: AuthenticatedUser): Promise<OperatorRole | undefined>;
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
  private readonly views = new Set<ChannelView>();
  /** Why the session has ended, as the transcript has it. */
  private endedBy: string | undefined;

  constructor(
    private readonly dependencies: ClientSessionDependencies,
    private readonly user: AuthenticatedUser,
    private readonly source: string,
  ) {}

  async serve(client: ClientChannel): Promise<void> {
    const { channel, command } = client;
    const { idleMs, log } = this.dependencies;
    // Made before the first await, so that no input is lost.
    const view = new ChannelView(client, idleMs, () => {
      this.endedBy ??= "idle";
      view.console.showError(`\nThe session ends after ${Math.ceil(idleMs / 60_000)} minutes without input.\n`);
      view.end();
    });
    this.views.add(view);
    let isEnding = false;
    channel.on("close", () => {
      if (!isEnding) this.endedBy ??= "disconnected";
    });
    channel.on("error", ({ message }: Error) => log("channel failed", { message }));
    let exitCode = 1;
    try {
      const opened = await this.open(view.console);
      if (command !== undefined) exitCode = (await this.run(command, opened, view)).exitCode;
      else if (view.terminal === undefined) exitCode = await this.runLines(opened, view);
      else exitCode = await this.runShell(opened, view, view.terminal);
    } catch (error) {
      const isKnown = error instanceof OperatorError;
      if (!isKnown) this.logDefect("session failed", error);
      const shown = isKnown ? error : new OperatorError("SessionClosed", "The session cannot go on.", "connect again");
      view.console.showError(`${shown.describe()}\n`);
    } finally {
      isEnding = true;
      this.views.delete(view);
      view.close();
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
  private open(console: SessionConsole): Promise<Opened> {
    const { registry } = this.dependencies;
    const client = { ...this.user, source: this.source };
    this.opened ??= offeredSession(registry, client, console)
      .then(async (offered) => {
        const session = offered ?? (await registry.open(client));
        session.lost.addEventListener("abort", () => this.lose(session));
        const logDefect = (error: unknown): void => this.logDefect("command failed", error);
        const roleOf = (): Promise<OperatorRole | undefined> => this.dependencies.roleOf(this.user);
        return { session, runner: new CommandRunner({ ...this.dependencies, roleOf, session, logDefect }) };
      })
      .catch((error: unknown) => {
        this.opened = undefined;
        throw error;
      });
    return this.opened;
  }

  /** Ends prompts of a session that cannot be recorded any more; a running command comes to its end by itself. */
  private lose({ lost }: OperatorSession): void {
    if (this.endedBy !== undefined) return;
    for (const view of this.views) {
      if (!view.console.isReading) continue;
      view.console.showError(`\n${(lost.reason as OperatorError).describe()}\n`);
      view.end();
    }
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
    await view.nextTurn();
    if (this.endedBy !== undefined) throw new OperatorError("SessionClosed", "The session has ended.", "connect again");
    const outcome = await runner.run(line, view.console, view.beginCommand());
    view.endCommand();
    if (!outcome.endsSession) return outcome;
    this.endedBy ??= "Exit";
    await this.close(this.endedBy);
    // This channel ends after its exit code.
    for (const other of this.views) if (other !== view) other.channel.end();
    return outcome.afterClose === undefined ? outcome : { ...outcome, exitCode: await outcome.afterClose() };
  }

  /** A shell without a terminal: each line of standard input is a command. Returns the exit code of the last one. */
  private async runLines(opened: Opened, view: ChannelView): Promise<number> {
    let exitCode = 0;
    for (let line = await view.nextLine(); line !== undefined; line = await view.nextLine()) {
      // Nothing further runs for a client that is gone.
      if (view.signal.aborted) break;
      const outcome = await this.run(line, opened, view);
      exitCode = outcome.exitCode;
      if (outcome.endsSession) break;
    }
    return exitCode;
  }

  /** A shell at a terminal. Returns 0, the exit code of the command that ends the session, or 1 where it is lost. */
  private async runShell(opened: Opened, view: ChannelView, terminal: TerminalConsole): Promise<number> {
    const prompt = `[${this.dependencies.stackName}]: ZT> `;
    const completer = this.completer(opened, view.signal);
    terminal.show("Every command and its output is recorded. Get-Command lists the commands.\n");
    for (;;) {
      const line = await terminal.readLine(prompt, completer);
      if (line === undefined) return opened.session.lost.aborted ? 1 : 0;
      const { endsSession, exitCode } = await this.run(line, opened, view);
      if (endsSession) return exitCode;
    }
  }

  private completer({ session: { recorder }, runner }: Opened, signal: AbortSignal): LineCompleter {
    const { commands, store, clock } = this.dependencies;
    return async (line) => {
      const session = await runner.information();
      const context = { session, store, recorder, clock, signal, progress: async () => undefined };
      const available = commands.filter((each) => hasCommand(context, each));
      return lineCompletions(line, available, context);
    };
  }

  private logDefect(event: string, error: unknown): void {
    this.dependencies.log(event, { user: this.user.user, message: String((error as Error).stack ?? error) });
  }
}
