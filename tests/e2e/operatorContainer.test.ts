import { strict as assert } from "node:assert";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DAY_MS, systemClock } from "../../certs/clock";
import { authorizeRequest } from "../../operator/support/authorizeRequest";
import { openSsh } from "../cast/operator/openSsh";
import { runSsh, type SshTarget, startSsh } from "../cast/operator/sshClient";
import { newAuthority, type TestAuthority } from "../cast/operator/supportAuthority";

const ROOT = resolve(__dirname, "../..");

describe("an instance of the operator endpoint, as a container starts it", () => {
  const folder = mkdtempSync(join(tmpdir(), "operator-container-"));
  let authority: TestAuthority;
  let instance: ChildProcess;
  let target: SshTarget;

  const keyPair = (name: string): string => {
    const file = join(folder, name);
    openSsh();
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
    return readFileSync(`${file}.pub`, "utf8").trim();
  };

  before(async () => {
    const now = systemClock.now();
    authority = await newAuthority(new Date(now.getTime() + DAY_MS));
    const keys = join(folder, "keys");
    mkdirSync(keys);
    const hostKey = keyPair("keys/ssh_host_ed25519_key");
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", join(keys, "instance.key")]);
    instance = spawn("/bin/sh", [join(ROOT, "operator/container/start.sh")], {
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        OPERATOR_FOLDER: join(folder, "state"),
        OPERATOR_KEYS: keys,
        OPERATOR_INSTANCE: "zt02",
        OPERATOR_STACK: "prod",
        OPERATOR_PORT: "0",
        OPERATOR_STORE: join(folder, "store.db"),
        OPERATOR_TRANSCRIPTS: "https://account.blob.core.windows.net/operator-transcripts",
        OPERATOR_ADMINISTRATOR_KEY: keyPair("admin"),
        OPERATOR_AUTHORITY: authority.certificate.toPem(),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    const port = await new Promise<number>((done, failed) => {
      instance.once("exit", (code) => failed(new Error(`ended with ${code}: ${printed}`)));
      instance.stdout?.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        const [, found] = /ssh -p (\d+)/.exec(printed) ?? [];
        if (found !== undefined) done(Number(found));
      });
    });
    const knownHosts = join(folder, "known_hosts");
    writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
    target = { port, user: "operator", knownHosts, identity: join(folder, "admin"), folder };
  });
  after(async () => {
    const ended = instance.exitCode === null ? once(instance, "exit") : undefined;
    instance.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  });

  it("has the mounted keys, and unlocks a session by the authority's token", async () => {
    const locked = await runSsh(target, ["--", "Export-TranscriptKey"]);
    assert.match(locked.stderr, /^AccessDenied: /);
    const ssh = startSsh(target, ["-T"]);
    let printed = "";
    const ended = once(ssh, "close").then(() => assert.fail(printed));
    ended.catch(() => undefined);
    const seen = async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const found = pattern.exec(printed)?.[0];
        if (found !== undefined) {
          printed = "";
          return found;
        }
        await Promise.race([ended, once(ssh.stdout, "data"), once(ssh.stderr, "data")]);
      }
    };
    for (const stream of [ssh.stdout, ssh.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
    }
    ssh.stdin.write("Get-SupportSessionToken\n");
    const request = await seen(/[\w-]{1000,}/);
    const { token } = await authorizeRequest(request, authority.key, { clock: systemClock, hours: 1 });
    ssh.stdin.write(`Unlock-SupportSession ${token}\n`);
    await seen(/unlocked until/);
    ssh.stdin.write("Export-TranscriptKey\n");
    const [, exported] = /(ssh-ed25519 \S+)/.exec(await seen(/ssh-ed25519 \S+ zt02/)) ?? [];
    const published = readFileSync(join(folder, "state", "zt02", "instance.pub"), "utf8");
    assert.ok(published.startsWith(`${exported} `));
    ssh.stdin.end("Exit\n");
    const [code] = await once(ssh, "close");
    assert.equal(code, 0);
  });
});
