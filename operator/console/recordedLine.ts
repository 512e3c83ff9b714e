import { nearestWord } from "../../certs/nearestWord";
import type { CommandParameter, OperatorCommand, ParameterValue, ParameterValues } from "../commands/operatorCommand";
import { isSecret } from "./parameterValue";

/** A parameter that its name calls secret, and its value. */
const SECRET =
  /(?<=\s)([-\u2013-\u2015]+\w*(?:password|secret|credential|passphrase|accountkey|sharedaccess|sas)\w*(?:\s*[:=]\s*|\s+))(?![-\u2013-\u2015]|get-credential\b)(?:'[^']*'?|"[^"]*"?|\S+)/gi;

/** The key of a storage account: 64 bytes as base64. */
const ACCOUNT_KEY = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])/g;

/** What is recorded in place of a secret, and of what may be one. */
const WITHHELD = "***";

/**
 * A line as the transcript has it. Secrets are never given on a line; one that is typed by mistake, after a
 * parameter with such a name, is `***`. The transcript itself leaves out signatures of URLs.
 */
export function recordedLine(line: string): string {
  return line.replace(SECRET, "$1***").replace(ACCOUNT_KEY, WITHHELD);
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

/**
 * A refused line. What is of no listed command may be a password that was typed at the wrong prompt: of such a line only a
 * first word is recorded that is written like a command. Without its words, too, where they may be secrets of the command that
 * it is, or was meant to be.
 */
export function recordedRefusal(line: string, commands: readonly OperatorCommand[]): string {
  const word = firstWord(line);
  if (!isOfSecretCommand(line, commands)) {
    if (isListed(line, commands)) return recordedLine(line);
    if (!isWrittenLikeCommand(line)) return WITHHELD;
  }
  return line.trim() === word ? word : `${word} ${WITHHELD}`;
}

const firstWord = (line: string): string => /^\s*([\w-]*)/.exec(line)?.[1] ?? "";

/** Whether a line begins with a listed command, and goes on with a blank or with what PowerShell reads as its end. */
function isListed(line: string, commands: readonly OperatorCommand[]): boolean {
  const word = firstWord(line).toLowerCase();
  const isWhole = /^\s*[\w-]+(?:$|[\s;|&<>(){}])/.test(line);
  return isWhole && commands.some(({ name }) => name.toLowerCase() === word);
}

const VERBS =
  "add|clear|close|complete|connect|convertfrom|convertto|copy|disable|disconnect|enable|enter|exit|export|find|foreach|format|get|group|import|install|invoke|lock|measure|move|new|out|read|register|remove|rename|reset|resolve|restart|resume|save|select|send|set|show|sort|start|stop|suspend|test|unlock|unregister|update|use|wait|where|write";
const PROGRAMS =
  "az|bash|cat|cd|chmod|clear|cmd|cp|curl|dir|echo|exit|find|grep|help|id|kill|ls|man|mv|nc|node|openssl|perl|powershell|ps|pulumi|pwd|pwsh|python|python3|quit|rm|scp|sftp|sh|ssh|su|sudo|type|vi|wget|whoami";

/** A verb of PowerShell with a noun, or the name of a program that people try; alone, or before a blank. */
const COMMAND_WORD = new RegExp(`^\\s*(?:(?:${VERBS})-[a-z]{2,40}|${PROGRAMS})(?:\\s|$)`, "i");

const isWrittenLikeCommand = (line: string): boolean => COMMAND_WORD.test(line);

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
