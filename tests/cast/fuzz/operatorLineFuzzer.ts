import { createHook } from "node:async_hooks";
import { generalCommands } from "../../../operator/commands/generalCommands";
import type { OperatorCommand } from "../../../operator/commands/operatorCommand";
import { stackCommands } from "../../../operator/commands/stackCommands";
import { parseLine } from "../../../operator/console/lineGrammar";
import { OperatorError } from "../../../operator/operatorError";
import type { TranscriptEntry } from "../../../operator/transcript/transcriptEntry";
import { FakeAzureClients } from "../operator/fakeAzureClients";
import { FakeStack } from "../operator/fakeStack";
import { runSsh } from "../operator/sshClient";
import { TestEndpoint } from "../operator/testEndpoint";
import { SeededRandom } from "./seededRandom";

/** What PowerShell, POSIX shells, Node and SSH might take for more than text. */
const SCRAPS = [
  ..."|;&$`<>(){}[]@#%!?*~^\\/=,:'\"-\u2013\u2018\u201d\u00a0\u202e\u0007\u001b\t",
  "&&",
  "||",
  ">>",
  "$(",
  "${",
  "--%",
  "--json",
  "2>&1",
  "`id`",
  "$(id)",
  "; id",
  "| sh",
  "/bin/sh",
  "../..",
  "if",
  "foreach",
  "while(1)",
  "{ id }",
  "\u{1f600}",
  "constructor",
  "__proto__",
  "%00",
  "A".repeat(3000),
];
const VALUES = [
  "pump",
  "'a b'",
  '"x"',
  "5",
  "-1",
  "2026-11-26",
  "a,b",
  "Get-Credential",
  "https://h/p?sig=s3cret",
  "''",
];

/** A line: a command with parameters, then up to four changes of it. Never a line break, which would make two lines of it. */
function fuzzedLine(random: SeededRandom, commands: readonly OperatorCommand[]): string {
  const { name, parameters } = random.pick(commands);
  const words = [random.chance(0.9) ? name : random.pick(SCRAPS)];
  while (random.chance(0.6)) {
    if (parameters.length > 0 && random.chance(0.7)) words.push(`-${random.pick(parameters).name}`);
    words.push(random.pick(VALUES));
  }
  let line = words.join(" ");
  while (random.chance(0.5)) {
    const at = random.below(line.length + 1);
    if (random.chance(0.7)) line = line.slice(0, at) + random.pick(SCRAPS) + line.slice(at);
    else line = line.slice(0, at) + line.slice(at + random.below(5));
  }
  return line;
}

export interface LineFuzzReport {
  readonly findings: readonly string[];
  readonly refused: number;
  readonly ran: number;
}

/**
 * Sends lines to an operator endpoint by OpenSSH's client, in one session, and reads its transcript: every line is there, in
 * order, as a refusal or as a command with its output; nothing ran that is not; and nothing started a process.
 */
export async function fuzzOperatorLines(options: {
  readonly seed: number;
  readonly count: number;
}): Promise<LineFuzzReport> {
  const random = new SeededRandom(options.seed);
  const findings: string[] = [];
  const ran: string[] = [];
  const stubbed = stackCommands({ stack: await FakeStack.create(), azure: new FakeAzureClients() }).map((command) => ({
    ...command,
    run: async () => {
      ran.push(command.name);
      return { value: command.name };
    },
  }));
  const endpoint = new TestEndpoint({ commands: stubbed });
  let processes = 0;
  const hook = createHook({
    init: (_, type) => {
      if (type === "PROCESSWRAP") processes += 1;
    },
  });
  try {
    await endpoint.start();
    await endpoint.addUser("otto");
    const commands = [...stubbed, ...generalCommands(() => []).filter(({ name }) => name !== "Exit")];
    const lines = Array.from({ length: options.count }, () => fuzzedLine(random, commands)).filter(
      (line) => !isEmpty(line),
    );
    hook.enable();
    const { code } = await runSsh(endpoint.target("otto"), ["-T"], `${lines.join("\n")}\n`);
    hook.disable();
    // One process is the client.
    if (processes !== 1) findings.push(`${processes - 1} processes were started`);
    if (code === 255) findings.push("the connection was lost");
    const entries = await endpoint.lastTranscript("otto");
    const begun = entries.filter(({ kind }) => kind === "command" || kind === "refused");
    if (begun.length !== lines.length) findings.push(`${lines.length} lines, ${begun.length} in the transcript`);
    const accepted = begun.filter(({ kind }) => kind === "command").map(({ data }) => String(data.command));
    const recorded = accepted.filter((name) => stubbed.some((each) => each.name === name));
    if (recorded.join() !== ran.join()) findings.push("other commands ran than are recorded");
    findings.push(...unfinished(entries), ...leaked(entries));
    return { findings, refused: begun.length - accepted.length, ran: ran.length };
  } finally {
    hook.disable();
    await endpoint.close();
  }
}

/** Whether a session ignores a line. */
function isEmpty(line: string): boolean {
  try {
    return parseLine(line) === undefined;
  } catch (error) {
    if (error instanceof OperatorError) return false;
    throw error;
  }
}

/** Commands that are not followed by their output. */
function unfinished(entries: readonly TranscriptEntry[]): string[] {
  return entries.flatMap(({ kind, data }, index) => {
    const next = entries[index + 1];
    const isFinished = kind !== "command" || (next?.kind === "output" && next.data.number === data.number);
    return isFinished ? [] : [`no output of ${JSON.stringify(data.line)}`];
  });
}

/** Lines with the signature of a URL. A change in the middle of its name makes it another parameter's. */
function leaked(entries: readonly TranscriptEntry[]): string[] {
  return entries.flatMap(({ data: { line } }) =>
    /\bsig=s3cret/.test(String(line)) ? [`a signature is in the transcript: ${JSON.stringify(line)}`] : [],
  );
}
