import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSsh } from "./openSsh";

/** Where OpenSSH's client connects to, and with what. */
export interface SshTarget {
  readonly port: number;
  readonly user: string;
  readonly knownHosts: string;
  /** File of a private key. */
  readonly identity?: string;
  readonly password?: string;
  /** For files of this client. */
  readonly folder: string;
}

/** What a run of the client printed, and its exit code. */
export interface SshResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts OpenSSH's client. A password is given by SSH_ASKPASS, as without a terminal there is no prompt. */
export function startSsh(
  { port, user, knownHosts, identity, password, folder }: SshTarget,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  openSsh();
  const options = [
    `UserKnownHostsFile=${knownHosts}`,
    "GlobalKnownHostsFile=none",
    "StrictHostKeyChecking=yes",
    "LogLevel=ERROR",
    "NumberOfPasswordPrompts=1",
    ...(identity === undefined ? ["PubkeyAuthentication=no"] : ["IdentitiesOnly=yes", `IdentityFile=${identity}`]),
    `PasswordAuthentication=${password === undefined ? "no" : "yes"}`,
    "KbdInteractiveAuthentication=no",
  ].flatMap((option) => ["-o", option]);
  const askpass = join(folder, "askpass.sh");
  writeFileSync(askpass, '#!/bin/sh\nprintf "%s\\n" "$TEST_PASSWORD"\n', { mode: 0o700 });
  return spawn(
    "ssh",
    [
      "-F",
      "none",
      "-p",
      String(port),
      // Of an option that is given twice, ssh takes the first.
      ...args.slice(0, dashes(args)),
      ...options,
      `${user}@127.0.0.1`,
      ...args.slice(dashes(args)),
    ],
    {
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        TERM: "xterm",
        SSH_ASKPASS: askpass,
        SSH_ASKPASS_REQUIRE: "force",
        TEST_PASSWORD: password,
      },
    },
  );
}

/** Options of ssh come before `--`, the command after it. */
function dashes(args: readonly string[]): number {
  const at = args.indexOf("--");
  return at < 0 ? args.length : at;
}

/** Runs OpenSSH's client to its end. `args`: its options, and after `--` the command. `input`: its standard input. */
export async function runSsh(target: SshTarget, args: readonly string[], input = ""): Promise<SshResult> {
  const child = startSsh(target, args);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}
