import type {
  CommandContext,
  CommandOutput,
  OperatorCommand,
  ParameterValues,
  SessionInformation,
} from "../../../operator/commands/operatorCommand";
import type { OperatorStore } from "../../../operator/store/operatorStore";
import { HandClock } from "../testDependencies";

/** A command context of a test, with what was shown and recorded. */
export interface TestContext extends CommandContext {
  readonly clock: HandClock;
  readonly lines: string[];
  readonly cancel: () => void;
}

/** A session of the operator `alice`. */
export const aSession: SessionInformation = {
  id: "0123456789abcdef0123456789abcdef",
  user: "alice",
  role: "operator",
  source: "127.0.0.1",
  instance: "one",
};

/** A context over a store, of alice's session. */
export function aContext(store: OperatorStore, user: string = aSession.user): TestContext {
  const lines: string[] = [];
  const controller = new AbortController();
  return {
    session: { ...aSession, user },
    store,
    recorder: { record: async () => undefined },
    clock: new HandClock(),
    signal: controller.signal,
    progress: async (line) => {
      lines.push(line);
    },
    lines,
    cancel: () => controller.abort(),
  };
}

/** Runs a command, found by its name. */
export function runCommand(
  commands: readonly OperatorCommand[],
  name: string,
  parameters: ParameterValues,
  context: CommandContext,
): Promise<CommandOutput> {
  const command = commands.find((each) => each.name === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return command.run(parameters, context);
}
