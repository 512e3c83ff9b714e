import { nearestWord } from "../../certs/nearestWord";
import type { CommandParameter, OperatorCommand, ParameterValue, ParameterValues } from "../commands/operatorCommand";
import { isSecret } from "./parameterValue";

/** A parameter that its name calls secret, and its value. */
const SECRET =
  /(?<=\s)([-\u2013-\u2015]+\w*(?:password|secret|credential|passphrase|accountkey|sharedaccess|sas)\w*(?:\s*[:=]\s*|\s+))(?![-\u2013-\u2015]|get-credential\b)(?:'[^']*'?|"[^"]*"?|\S+)/gi;

/**
 * A line as the transcript has it. Secrets are never given on a line; one that is typed by mistake, after a
 * parameter with such a name, is `***`. The transcript itself leaves out signatures of URLs.
 */
export function recordedLine(line: string): string {
  return line.replace(SECRET, "$1***");
}

/** Whether a line is of a command that prompts for secrets, or is meant to be. */
export function isOfSecretCommand(line: string, commands: readonly OperatorCommand[]): boolean {
  const near = nearestWord(
    firstWord(line),
    commands.map(({ name }) => name),
  );
  const meant = commands.find(({ name }) => name === near);
  return meant?.parameters.some(isSecret) === true;
}

/** A refused line; without its words where they may be secrets of the command that it is, or was meant to be. */
export function recordedRefusal(line: string, commands: readonly OperatorCommand[]): string {
  return isOfSecretCommand(line, commands) ? `${firstWord(line)} ***` : recordedLine(line);
}

const firstWord = (line: string): string => /^\s*([\w-]*)/.exec(line)?.[1] ?? "";

/** The values of a command as the transcript has them. */
export function recordedParameters({ parameters }: OperatorCommand, values: ParameterValues): Record<string, unknown> {
  const recorded = parameters.map((each): [string, unknown] => [each.name, recordedValue(each, values[each.name])]);
  return Object.fromEntries(recorded.filter(([, value]) => value !== undefined));
}

function recordedValue({ type }: CommandParameter, value: ParameterValue | undefined): unknown {
  if (type === "SecureString" && value !== undefined) return "***";
  if (typeof value === "object" && "password" in value) return { ...value, password: "***" };
  return value;
}
