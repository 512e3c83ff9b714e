import type { Clock } from "../../certs/clock";
import { nearestWord } from "../../certs/nearestWord";
import type {
  CommandContext,
  CommandOutput,
  CommandParameter,
  OperatorCommand,
  OperatorRole,
  ParameterValue,
  ParameterValues,
  SessionInformation,
} from "../commands/operatorCommand";
import { OperatorError } from "../operatorError";
import type { OperatorSession } from "../sessions/operatorSession";
import type { OperatorStore } from "../store/operatorStore";
import type { SupportSessions } from "../support/supportSessions";
import { type CommandLine, parseLine } from "./lineGrammar";
import { outputText } from "./outputText";
import { bindParameters, findCommand } from "./parameterBinding";
import { isSecret, readValue } from "./parameterValue";
import { recordedLine } from "./recordedLine";
import type { SessionConsole } from "./sessionConsole";

/** What a session's commands work with. */
export interface RunnerDependencies {
  readonly commands: readonly OperatorCommand[];
  readonly session: OperatorSession;
  readonly store: OperatorStore;
  readonly clock: Clock;
  /** The user's role at present; undefined for a user who was removed. */
  roleOf(user: string): Promise<OperatorRole | undefined>;
  /** Which sessions are unlocked. */
  readonly support: Pick<SupportSessions, "unlockedUntil">;
}

/** How a line ended. */
export interface LineOutcome {
  /** 0 done, 1 the command failed, 2 the line was refused, 130 cancelled. */
  readonly exitCode: number;
  readonly endsSession: boolean;
  /** Shows what a command has to say after the session is closed; returns the exit code. */
  afterClose?(): Promise<number>;
}

const DONE: LineOutcome = Object.freeze({ exitCode: 0, endsSession: false });

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

/** A parameter's value as the transcript has it. */
function recordedValue({ type }: CommandParameter, value: ParameterValue | undefined): unknown {
  if (type === "SecureString") return "***";
  if (typeof value === "object" && "password" in value) return { ...value, password: "***" };
  if (typeof value === "string") return recordedLine(value);
  return value;
}

/** An error of a command as an OperatorError; the text of a defect is not shown, because it may hold anything. */
function operatorError(error: unknown, signal: AbortSignal): OperatorError {
  if (error instanceof OperatorError) return error;
  if (signal.aborted) return new OperatorError("Cancelled", "The command was cancelled.");
  return new OperatorError("StackFailed", "The command failed for an unexpected reason.", "see the endpoint's own log");
}

/** Runs the lines of one session, one after the other, and records each with its output. */
export class CommandRunner {
  private queue: Promise<unknown> = Promise.resolve();
  private commandsRun = 0;

  constructor(
    private readonly dependencies: RunnerDependencies,
    private readonly logDefect: (error: unknown) => void = () => undefined,
  ) {}

  /** Runs a line. Never rejects: errors are shown on the console, and are in the transcript. */
  run(line: string, console: SessionConsole, signal: AbortSignal): Promise<LineOutcome> {
    const next = this.queue.then(() => this.recorded(line, console, signal));
    this.queue = next;
    return next;
  }

  private async recorded(line: string, console: SessionConsole, signal: AbortSignal): Promise<LineOutcome> {
    try {
      return await this.runLine(line, console, signal);
    } catch (error) {
      // The transcript failed: nothing further runs.
      const shown = operatorError(error, signal);
      if (shown !== error) this.logDefect(error);
      console.showError(`${shown.describe()}\n`);
      return { exitCode: 1, endsSession: true };
    }
  }

  private async runLine(line: string, console: SessionConsole, signal: AbortSignal): Promise<LineOutcome> {
    const { recorder } = this.dependencies.session;
    let parsed: CommandLine | undefined;
    let command: OperatorCommand;
    let parameters: ParameterValues;
    let information: SessionInformation | undefined;
    try {
      parsed = parseLine(line);
      if (parsed === undefined) return DONE;
      command = findCommand(this.dependencies.commands, parsed.command);
      information = await this.information();
      if (information === undefined) throw new OperatorError("AccessDenied", "The user of this session was removed.");
      checkAccess(command, information);
      parameters = await this.promptedParameters(command, parsed, console);
    } catch (error) {
      const shown = operatorError(error, signal);
      if (shown !== error) this.logDefect(error);
      await recorder.record("refused", {
        line: this.refusedLine(line, parsed),
        error: shown.code,
        message: shown.message,
      });
      this.showError(shown, console, parsed);
      const wasRemoved = information === undefined && shown.code === "AccessDenied";
      return { exitCode: shown.code === "Cancelled" ? 130 : 2, endsSession: wasRemoved };
    }
    this.commandsRun += 1;
    const number = this.commandsRun;
    const values = Object.fromEntries(
      command.parameters.flatMap((each) =>
        parameters[each.name] === undefined ? [] : [[each.name, recordedValue(each, parameters[each.name])]],
      ),
    );
    await recorder.record("command", { number, line: recordedLine(line), command: command.name, parameters: values });
    return this.runCommand(number, command, parameters, parsed, console, signal, information);
  }

  private async runCommand(
    number: number,
    command: OperatorCommand,
    parameters: ParameterValues,
    parsed: CommandLine,
    console: SessionConsole,
    signal: AbortSignal,
    information: SessionInformation,
  ): Promise<LineOutcome> {
    const { session, store, clock } = this.dependencies;
    const { recorder } = session;
    const context: CommandContext = {
      session: information,
      store,
      recorder,
      clock,
      signal,
      progress: async (progress) => {
        await recorder.record("output", { number, progress });
        console.showError(`${progress}\n`);
      },
    };
    let output: CommandOutput;
    try {
      output = await command.run(parameters, context);
    } catch (error) {
      const shown = operatorError(error, signal);
      if (shown !== error && shown.code !== "Cancelled") this.logDefect(error);
      const exitCode = shown.code === "Cancelled" ? 130 : 1;
      await recorder.record("output", { number, error: shown.code, text: shown.describe(), exitCode });
      this.showError(shown, console, parsed);
      return { exitCode, endsSession: false };
    }
    const { exitCode = 0, endsSession = false } = output;
    const text = shownText(output, parsed, console);
    await recorder.record("output", { number, text, exitCode });
    const { afterClose } = output;
    if (afterClose !== undefined) {
      const showLast = async (): Promise<number> => {
        const last = await afterClose();
        console.show(shownText(last, parsed, console));
        return last.exitCode ?? 0;
      };
      return { exitCode, endsSession, afterClose: showLast };
    }
    console.show(text);
    return { exitCode, endsSession };
  }

  private showError(error: OperatorError, console: SessionConsole, parsed: CommandLine | undefined): void {
    const { code, message, remedy } = error;
    const text = parsed?.asksForJson === true ? JSON.stringify({ error: { code, message, remedy } }) : error.describe();
    console.showError(`${text}\n`);
  }

  /** The session as it is now; undefined where its user was removed. */
  async information(): Promise<SessionInformation | undefined> {
    const { session, roleOf, support } = this.dependencies;
    const { id, user } = session.information;
    const role = await roleOf(user);
    return role && { ...session.information, role, unlockedUntil: support.unlockedUntil(id) };
  }

  /** A refused line; without its words where they may be secrets of the command that it is, or was meant to be. */
  private refusedLine(line: string, parsed: CommandLine | undefined): string {
    if (parsed === undefined) return recordedLine(line);
    const names = this.dependencies.commands.map(({ name }) => name);
    const near = nearestWord(parsed.command, names);
    const meant = this.dependencies.commands.find(({ name }) => name === near);
    return meant?.parameters.some(isSecret) === true ? `${parsed.command} ***` : recordedLine(line);
  }

  /** Binds a line's words, and prompts for what is missing, as PowerShell does. */
  private async promptedParameters(
    command: OperatorCommand,
    parsed: CommandLine,
    console: SessionConsole,
  ): Promise<ParameterValues> {
    const { values, missing, userNames } = bindParameters(command, parsed);
    if (missing.length > 0 && console.isTerminal) {
      console.show(
        `cmdlet ${command.name} at command pipeline position 1\nSupply values for the following parameters:\n`,
      );
    }
    for (const parameter of missing) {
      values.set(parameter.name, await prompted(parameter, userNames.get(parameter.name), console));
    }
    return Object.fromEntries(values);
  }
}

function shownText({ value, text }: CommandOutput, parsed: CommandLine, console: SessionConsole): string {
  if (parsed.asksForJson) return `${JSON.stringify(value ?? null)}\n`;
  return text === undefined ? outputText(value, console.columns) : outputText(text);
}

async function prompted(
  parameter: CommandParameter,
  userName: string | undefined,
  console: SessionConsole,
): Promise<ParameterValue> {
  const { name, type, isConfirmed } = parameter;
  if (!isSecret(parameter)) {
    if (!console.isTerminal) {
      throw new OperatorError("ParameterMissing", `-${name} is missing: ${parameter.about}`, `give -${name} VALUE`);
    }
    const text = await console.ask(`${name}: `);
    return readValue(parameter, type === "String[]" ? text.split(",").map((item) => item.trim()) : [text]);
  }
  if (type === "Credential") {
    if (userName === undefined && !console.isTerminal) {
      throw new OperatorError("ParameterMissing", `-${name} needs a user name.`, `give -${name} USERNAME`);
    }
    const user = userName ?? (await console.ask("User: "));
    return { userName: user, password: await secret(`Password for user ${user}: `, name, console) };
  }
  const text = await secret(`${name}: `, name, console);
  if (isConfirmed === true && console.isTerminal && (await console.askHidden(`Confirm ${name}: `)) !== text) {
    throw new OperatorError("ParameterInvalid", `The two values of -${name} differ.`, "run the command again");
  }
  return text;
}

async function secret(prompt: string, name: string, console: SessionConsole): Promise<string> {
  const text = await console.askHidden(prompt);
  if (text === "")
    throw new OperatorError("ParameterMissing", `-${name} is missing.`, "type it, or give it on standard input");
  return text;
}
