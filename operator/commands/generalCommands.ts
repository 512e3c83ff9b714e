import { OperatorError } from "../operatorError";
import { commandHelp, commandSyntax } from "./commandText";
import type { CommandContext, CommandParameter, OperatorCommand } from "./operatorCommand";

/** Whether a session has a command: by its role, and where the command needs it, while it is unlocked. */
export function hasCommand({ session }: CommandContext, { role, isUnlockedOnly }: OperatorCommand): boolean {
  const isAllowed = role === "operator" || session.role === "administrator";
  return isAllowed && (isUnlockedOnly !== true || session.unlockedUntil !== undefined);
}

/** `Get-Command`, `Get-Help` and `Exit`. `all`: every command, these three included; read when one of them runs. */
export function generalCommands(all: () => readonly OperatorCommand[]): OperatorCommand[] {
  const available = (context: CommandContext): OperatorCommand[] =>
    all()
      .filter((each) => hasCommand(context, each))
      .sort((one, other) => one.name.localeCompare(other.name, "en"));
  const nameParameter: CommandParameter = {
    name: "Name",
    type: "String",
    about: "Name of a command; * matches any characters. Default: every command.",
    position: 0,
    pattern: /^[A-Za-z*-]+$/,
    to: 40,
    complete: async (context) => available(context).map(({ name }) => name),
  };
  const named = (name: string | undefined, context: CommandContext): OperatorCommand[] => {
    const commands = available(context);
    if (name === undefined) return commands;
    const form = new RegExp(`^${name.replace(/\*+/g, ".*")}$`, "i");
    const found = commands.filter((each) => form.test(each.name));
    if (found.length > 0 || name.includes("*")) return found;
    throw new OperatorError("CommandNotFound", "This session has no such command.", "Get-Command lists the commands");
  };
  return [
    {
      name: "Get-Command",
      about: "Lists the commands of this session.",
      parameters: [nameParameter, { name: "Syntax", type: "Switch", about: "Shows the parameters of each command." }],
      role: "operator",
      example: "Get-Command Test-Environment -Syntax",
      run: async ({ Name, Syntax }, context) => {
        const found = named(Name as string | undefined, context);
        const value = found.map((each) => ({ name: each.name, about: each.about, syntax: commandSyntax(each) }));
        if (Syntax === true) return { value, text: value.map(({ syntax }) => syntax).join("\n") };
        const width = Math.max(0, ...value.map(({ name }) => name.length)) + 2;
        return { value, text: value.map(({ name, about }) => `${name.padEnd(width)}${about}`).join("\n") };
      },
    },
    {
      name: "Get-Help",
      about: "Describes a command, or the session.",
      parameters: [nameParameter],
      role: "operator",
      example: "Get-Help Test-Environment",
      run: async ({ Name }, context) => {
        if (Name === undefined) return { value: SESSION_HELP, text: SESSION_HELP };
        const found = named(Name as string, context);
        return {
          value: found.map(({ name, about, parameters, example }) => ({ name, about, parameters, example })),
          text: found.map(commandHelp).join("\n"),
        };
      },
    },
    {
      name: "Exit",
      about: "Ends the session. Its transcript stays in the store.",
      parameters: [],
      role: "operator",
      example: "Exit",
      run: async () => ({ value: null, endsSession: true }),
    },
  ];
}

const SESSION_HELP = `A session takes one command a line, with its parameters by name or position: Verb-Noun -Name value -Switch.
Letter case does not matter, names of parameters may be shortened, and Tab completes them. A value with spaces or special
characters needs single quotes. Pipes, variables, loops, redirections, script blocks and several commands on a line are refused
with ScriptsNotAllowed.

Every line and its output is recorded before the output is shown.

Get-Command lists the commands, Get-Command NAME -Syntax shows the parameters of one, and Get-Help NAME describes it.
--json after a command prints its value as JSON. Scripts run on your own machine: ssh HOST -- COMMAND --json`;
