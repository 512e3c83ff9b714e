import type { OperatorCommand, OperatorRole, ParameterValues } from "../../../operator/commands/operatorCommand";
import { CommandRunner, type LineOutcome } from "../../../operator/console/commandRunner";
import type { SessionConsole } from "../../../operator/console/sessionConsole";
import { OperatorError } from "../../../operator/operatorError";
import type { OperatorSession } from "../../../operator/sessions/operatorSession";
import type { OperatorStore } from "../../../operator/store/operatorStore";
import type { EntryData, EntryKind } from "../../../operator/transcript/transcriptEntry";
import { HandClock } from "../testDependencies";

/** A command of a test that returns its parameters. */
export function aCommand(
  name: string,
  parameters: OperatorCommand["parameters"] = [],
  more: Partial<OperatorCommand> = {},
): OperatorCommand {
  return {
    name,
    about: "For tests.",
    parameters,
    role: "operator",
    example: name,
    run: async (values: ParameterValues) => ({ value: values }),
    ...more,
  };
}

/** A session in memory: what happens is in `events`, in its order. */
export class ConsoleSession {
  readonly events: string[] = [];
  readonly entries: { readonly kind: EntryKind; readonly data: EntryData }[] = [];
  readonly defects: unknown[] = [];
  readonly clock = new HandClock();
  role: OperatorRole | undefined = "operator";
  unlockedUntil: Date | undefined;
  /** The transcript refuses entries of this kind. */
  failsAt: EntryKind | "role" | undefined;
  shown = "";
  shownErrors = "";
  /** What is typed at prompts, in order. */
  readonly typed: string[] = [];
  /** Called at each prompt. */
  prompted: () => void = () => undefined;
  private readonly runner: CommandRunner;
  private readonly console: SessionConsole;

  constructor(commands: readonly OperatorCommand[], isTerminal = false) {
    const record = async (kind: EntryKind, data: EntryData): Promise<void> => {
      // Durable only after a turn of the event loop, as in a store.
      await new Promise((resolve) => setImmediate(resolve));
      if (kind === this.failsAt) throw new OperatorError("TranscriptUnavailable", "The disk is full.");
      this.entries.push({ kind, data });
      this.events.push(kind);
    };
    const prompted = async (prompt: string): Promise<string> => {
      this.events.push(prompt);
      this.prompted();
      const text = this.typed.shift();
      if (text === undefined) throw new OperatorError("Cancelled", "The prompt was cancelled.");
      return text;
    };
    this.console = {
      isTerminal,
      isReading: false,
      show: (text) => {
        this.shown += text;
        this.events.push("shown");
      },
      showError: (text) => {
        this.shownErrors += text;
        this.events.push("error shown");
      },
      ask: prompted,
      askHidden: prompted,
      dropInput: () => this.events.push("input dropped"),
      end: () => undefined,
    };
    const information = { id: "0".repeat(32), user: "ada", role: this.role, source: "192.0.2.7", instance: "zt01" };
    this.runner = new CommandRunner({
      commands: commands.map((each) => ({
        ...each,
        run: (values, context) => {
          this.events.push(`run ${each.name}`);
          return each.run(values, context);
        },
      })),
      session: { information, recorder: { record } } as unknown as OperatorSession,
      store: {} as OperatorStore,
      clock: this.clock,
      roleOf: async () => {
        if (this.failsAt === "role") throw new OperatorError("StoreUnavailable", "The store is away.", "wait");
        return this.role;
      },
      support: { unlockedUntil: () => this.unlockedUntil },
      logDefect: (error) => this.defects.push(error),
    });
  }

  run(line: string, signal = new AbortController().signal): Promise<LineOutcome> {
    return this.runner.run(line, this.console, signal);
  }
}
