import type { Clock } from "../../certs/clock";
import type {
  CommandContext,
  CommandOutput,
  OperatorCommand,
  OperatorRole,
  ParameterValues,
  SessionInformation,
} from "../commands/operatorCommand";
import { exitCodeOf, OperatorError } from "../operatorError";
import type { OperatorSession } from "../sessions/operatorSession";
import type { OperatorStore } from "../store/operatorStore";
import type { SupportSessions } from "../support/supportSessions";
import { type CommandLine, parseLine } from "./lineGrammar";
import { completeParameters } from "./missingParameters";
import { errorText, shownText } from "./outputText";
import { bindParameters, findCommand } from "./parameterBinding";
import { isOfSecretCommand, recordedLine, recordedParameters, recordedRefusal } from "./recordedLine";
import type { SessionConsole } from "./sessionConsole";

/** What a session's commands work with. */
export interface RunnerDependencies {
  readonly commands: readonly OperatorCommand[];
  readonly session: OperatorSession;
  readonly store: OperatorStore;
  readonly clock: Clock;
  /** The user's role at present; undefined for a user who was removed. */
  roleOf(): Promise<OperatorRole | undefined>;
  /** Which sessions are unlocked. */
  readonly support: Pick<SupportSessions, "unlockedUntil">;
  /** Notes an error that no command should have. */
  logDefect(error: unknown): void;
}

/** How a line ended. */
export interface LineOutcome {
  /** 0, that of its error ({@link exitCodeOf}), or the command's own. */
  readonly exitCode: number;
  readonly endsSession: boolean;
  /** Shows what a command has to say after the session is closed; returns the exit code. */
  afterClose?(): Promise<number>;
}

/** A line that is being run: where it shows, and what cancels it. */
interface Run {
  readonly line: string;
  readonly console: SessionConsole;
  readonly signal: AbortSignal;
}

/** A command with all that it runs with. */
interface ReadyCommand {
  readonly command: OperatorCommand;
  readonly parsed: CommandLine;
  readonly parameters: ParameterValues;
  readonly session: SessionInformation;
}

/** Longest text of an entry, in characters: 4 MiB is the longest entry, in which a character takes up to six bytes. */
const LONGEST_TEXT = 500_000;

/** Errors: OperatorError AccessDenied where the session does not have the command, by its role or because it is locked. */
function checkAccess(command: OperatorCommand, { role, unlockedUntil }: SessionInformation): void {
  if (command.role === "administrator" && role !== "administrator") {
    throw new OperatorError("AccessDenied", `${command.name} is for administrators.`, "ask an administrator to run it");
  }
  if (command.isUnlockedOnly === true && unlockedUntil === undefined) {
    const remedy = "Get-SupportSessionToken begins the unlock";
    throw new OperatorError("AccessDenied", `${command.name} needs an unlocked session.`, remedy);
  }
}

/** Runs the lines of one session, one after the other, and records each with its output. */
export class CommandRunner {
  private queue: Promise<unknown> = Promise.resolve();
  private commandsRun = 0;

  constructor(private readonly dependencies: RunnerDependencies) {}

  /** Runs a line. Never rejects: errors are shown on the console, and are in the transcript. */
  run(line: string, console: SessionConsole, signal: AbortSignal): Promise<LineOutcome> {
    const next = this.queue.then(() => this.recorded({ line, console, signal }));
    this.queue = next;
    return next;
  }

  /** The session as it is now. Errors: OperatorError UserNotFound where its user was removed. */
  async information(): Promise<SessionInformation> {
    const { session, roleOf, support } = this.dependencies;
    const { id } = session.information;
    const role = await roleOf();
    if (role === undefined) throw new OperatorError("UserNotFound", "The user of this session was removed.");
    return { ...session.information, role, unlockedUntil: support.unlockedUntil(id) };
  }

  private async recorded(run: Run): Promise<LineOutcome> {
    try {
      const ready = await this.ready(run);
      return ready === undefined || "exitCode" in ready ? (ready ?? DONE) : await this.runCommand(ready, run);
    } catch (error) {
      // The transcript failed: nothing further runs, and nothing of the output is shown.
      run.console.showError(`${this.operatorError(error, run.signal).describe()}\n`);
      return { exitCode: 1, endsSession: true };
    }
  }

  /** The command of a line with its parameters; undefined for an empty line, the outcome for one that is refused. */
  private async ready(run: Run): Promise<ReadyCommand | LineOutcome | undefined> {
    const { commands } = this.dependencies;
    let parsed: CommandLine | undefined;
    try {
      parsed = parseLine(run.line);
      if (parsed === undefined) return undefined;
      const command = findCommand(commands, parsed.command);
      checkAccess(command, await this.information());
      const parameters = await completeParameters(command, bindParameters(command, parsed), run.console);
      // Once more, because prompts wait as long as the user likes.
      const session = await this.information();
      checkAccess(command, session);
      return { command, parsed, parameters, session };
    } catch (error) {
      // Recorded it cannot be: the transcript is in that store.
      if (error instanceof OperatorError && error.code === "StoreUnavailable") throw error;
      const shown = this.operatorError(error, run.signal);
      const line = recordedRefusal(run.line, commands);
      await this.dependencies.session.recorder.record("refused", { line, error: shown.code, message: shown.message });
      run.console.showError(errorText(shown, parsed));
      // What follows may be meant for prompts that did not come; as a line it would be recorded.
      if (isOfSecretCommand(run.line, commands)) run.console.dropInput();
      return { exitCode: exitCodeOf(shown.code), endsSession: shown.code === "UserNotFound" };
    }
  }

  private async runCommand(ready: ReadyCommand, { line, console, signal }: Run): Promise<LineOutcome> {
    const { command, parsed, parameters, session } = ready;
    const { store, clock } = this.dependencies;
    const { recorder } = this.dependencies.session;
    this.commandsRun += 1;
    const number = this.commandsRun;
    await recorder.record("command", {
      number,
      line: recordedLine(line),
      command: command.name,
      parameters: recordedParameters(command, parameters),
    });
    const progress = async (text: string): Promise<void> => {
      await recorder.record("output", { number, progress: text });
      console.showError(`${text}\n`);
    };
    const context: CommandContext = { session, store, recorder, clock, signal, progress };
    let output: CommandOutput;
    try {
      output = await command.run(parameters, context);
    } catch (error) {
      const shown = this.operatorError(error, signal);
      const exitCode = exitCodeOf(shown.code);
      await recorder.record("output", { number, error: shown.code, text: shown.describe(), exitCode });
      console.showError(errorText(shown, parsed));
      return { exitCode, endsSession: false };
    }
    const { exitCode = 0, endsSession = false, afterClose } = output;
    const text = shownText(output, parsed, console.columns);
    await this.recordOutput(number, text, exitCode);
    if (afterClose === undefined) {
      console.show(text);
      return { exitCode, endsSession };
    }
    const showLast = async (): Promise<number> => {
      const last = await afterClose();
      console.show(shownText(last, parsed, console.columns));
      return last.exitCode ?? 0;
    };
    return { exitCode, endsSession, afterClose: showLast };
  }

  /** Records an output, a long one in several entries. */
  private async recordOutput(number: number, text: string, exitCode: number): Promise<void> {
    const { recorder } = this.dependencies.session;
    let at = 0;
    for (; text.length - at > LONGEST_TEXT; at += LONGEST_TEXT) {
      await recorder.record("output", { number, progress: text.slice(at, at + LONGEST_TEXT), isPart: true });
    }
    await recorder.record("output", { number, text: text.slice(at), exitCode });
  }

  /** An error as an OperatorError; the text of a defect is not shown, because it may hold anything. */
  private operatorError(error: unknown, signal: AbortSignal): OperatorError {
    if (error instanceof OperatorError) return error;
    if (signal.aborted) return new OperatorError("Cancelled", "The command was cancelled.");
    this.dependencies.logDefect(error);
    return new OperatorError(
      "StackFailed",
      "The command failed for an unexpected reason.",
      "see the endpoint's own log",
    );
  }
}

const DONE: LineOutcome = Object.freeze({ exitCode: 0, endsSession: false });
