import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A host that OpenSSH's client connects to on the loopback interface. */
export interface SshHost {
  readonly port: number;
  readonly user: string;
  /** File of the private key. */
  readonly identity: string;
  /** In OpenSSH's format. */
  readonly hostKey: string;
}

/**
 * Runs OpenSSH's client with a command on a host, or with lines of standard input; returns its wall time in seconds. Files
 * of the client are in `folder`. Errors: Error with what it printed, where its exit code is not 0.
 */
export function timedSsh(
  { port, user, identity, hostKey }: SshHost,
  folder: string,
  { command, input = "" }: { readonly command?: string; readonly input?: string },
): Promise<number> {
  const knownHosts = join(folder, `known_hosts_${port}`);
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey.trim()}\n`);
  const options = [
    `UserKnownHostsFile=${knownHosts}`,
    "GlobalKnownHostsFile=none",
    "StrictHostKeyChecking=yes",
    "IdentitiesOnly=yes",
    `IdentityFile=${identity}`,
    "BatchMode=yes",
    "LogLevel=ERROR",
  ].flatMap((option) => ["-o", option]);
  const remote = command === undefined ? [] : ["--", command];
  const start = process.hrtime.bigint();
  const child = spawn("ssh", ["-F", "none", "-T", "-p", String(port), ...options, `${user}@127.0.0.1`, ...remote]);
  let printed = "";
  child.stdout.resume();
  child.stderr.on("data", (text: Buffer) => {
    printed += text;
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      if (code === 0) done(Number(process.hrtime.bigint() - start) / 1e9);
      else fail(new Error(`ssh ended with ${code}: ${printed}`));
    });
  });
}
