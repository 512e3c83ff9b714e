import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT, withFolder } from "../environment/processes";
import { type SshHost, timedSsh } from "../environment/sshClient";
import { startSshd } from "../environment/sshd";
import { compare, type Measurement } from "../measure";

/** Rounds of sessions. */
const ROUNDS = 15;

/** Commands in one session. */
const COMMANDS = 200;

/** A command that changes nothing and loads nothing. */
const COMMAND = "Get-Command Exit";

/** The operator endpoint: sessions against sshd's, commands a second, and what recording costs. All by OpenSSH's client. */
export function operatorMeasurements(): Promise<Measurement[]> {
  return withFolder(async (folder) => {
    const children: ChildProcess[] = [];
    const sshd = await startSshd(folder);
    try {
      const recorded = await instance(folder, "recorded", children);
      const unrecorded = await instance(folder, "unrecorded", children);
      const session = (host: SshHost, command: string) => () => timedSsh(host, folder, { command });
      const measurements: Measurement[] = [];
      // Key exchange, sign-in and their code once before anything counts.
      for (const host of [recorded, unrecorded]) await session(host, COMMAND)();
      if (sshd === undefined) {
        process.stderr.write(
          "NOT MEASURED: operator.session and operator.commands. No sshd here, and apt-get has none.\n",
        );
      } else {
        await session(sshd, "true")();
        measurements.push(
          await compare({
            name: "operator.session",
            what: `a session of the operator endpoint that runs ${COMMAND}, from ssh's start to its end`,
            rival: "sshd that runs true",
            unit: "s",
            bound: { atMost: 2 },
            rounds: ROUNDS,
            ours: session(recorded, COMMAND),
            theirs: session(sshd, "true"),
          }),
          await compare({
            name: "operator.commands",
            what: `commands in one session, each recorded before it runs and before its output is shown (${COMMANDS})`,
            rival: "sshd: a shell that runs as many programs (/bin/true)",
            unit: "commands/s",
            bound: { atLeast: 0.2 },
            rounds: 5,
            ours: async () => COMMANDS / (await timedSsh(recorded, folder, { input: `${COMMAND}\n`.repeat(COMMANDS) })),
            theirs: async () => COMMANDS / (await timedSsh(sshd, folder, { input: "/bin/true\n".repeat(COMMANDS) })),
          }),
        );
      }
      measurements.push(
        await compare({
          name: "operator.transcript",
          what: `ssh HOST -- ${COMMAND}, recorded`,
          rival: "the same without a transcript",
          unit: "s",
          bound: { atMost: 1.1 },
          rounds: 2 * ROUNDS,
          ours: session(recorded, COMMAND),
          theirs: session(unrecorded, COMMAND),
        }),
      );
      return measurements;
    } finally {
      sshd?.close();
      for (const child of children) child.kill();
    }
  });
}

/** Starts an instance of the operator endpoint, and waits until it listens. */
async function instance(parent: string, mode: string, children: ChildProcess[]): Promise<SshHost> {
  const folder = join(parent, mode);
  mkdirSync(folder);
  const args = ["-r", "./bootstrap/typescript.cjs", "bench/environment/operatorInstance.ts", folder, mode];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { user: "operator", ...(JSON.parse(line) as Omit<SshHost, "user">) };
}
