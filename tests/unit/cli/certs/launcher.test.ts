import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CertsCli } from "../../../cast/certsCli";

const LAUNCHER = resolve(__dirname, "../../../../cli/zero-touch.cjs");

describe("cli/zero-touch.cjs", () => {
  const cli = new CertsCli();
  after(() => cli.dispose());

  it("is what package.json names as the command", () => {
    const { bin } = JSON.parse(readFileSync(resolve(__dirname, "../../../../package.json"), "utf8")) as {
      bin: Record<string, string>;
    };
    assert.equal(resolve(__dirname, "../../../..", bin["zero-touch"] ?? ""), LAUNCHER);
  });

  it("returns exit codes and keeps results apart from messages", () => {
    const run = (...args: string[]) => spawnSync(process.execPath, [LAUNCHER, ...args], { encoding: "utf8" });
    const help = run("--help");
    assert.deepEqual([help.status, help.stderr], [0, ""]);
    assert.match(help.stdout, /^Usage: zero-touch certs COMMAND \[options\]/m);
    assert.match(help.stdout, /^ +zero-touch doctor/m);
    const doctor = run("doctor", "--nonsense");
    assert.deepEqual([doctor.status, doctor.stdout], [2, ""]);
    assert.match(doctor.stderr, /unknown option --nonsense/);
    const unknown = run("nonsense");
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /There is no command "nonsense"\./);
    const none = run("certs", "show", "none.pem");
    assert.deepEqual([none.status, none.stdout], [2, ""]);
    assert.match(none.stderr, /^error: FILE: none\.pem cannot be read: ENOENT/);
  });

  it("continues with the devices of a killed run", async () => {
    // The process and the test share no clock: the stopped one of the other tests is in its past.
    const root = "root --name R --out r.pem@ --key-out r.key@ --no-passphrase";
    assert.equal((await cli.run(root, { at: new Date() })).code, 0);
    const count = 1000;
    const files = ["--issuer", cli.path("r.pem"), "--issuer-key", cli.path("r.key"), "--out", cli.path("many")];
    const args = [LAUNCHER, "certs", "issue", "--count", String(count), "--workers", "2", ...files];
    const manifest = cli.path("many/manifest.jsonl");
    const recorded = (): string[] => (existsSync(manifest) ? readFileSync(manifest, "utf8").split("\n") : []);

    const first = spawn(process.execPath, args, { stdio: "ignore" });
    const gone = once(first, "exit");
    while (recorded().length < 2 && first.exitCode === null) await new Promise(setImmediate);
    first.kill("SIGKILL");
    await gone;
    const before = recorded().slice(0, -1);
    assert.ok(before.length > 0 && before.length < count, `killed at ${before.length}`);

    const second = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(second.stderr, "");
    assert.ok(second.stdout.startsWith(`${manifest}: `), second.stdout);
    assert.match(second.stdout, new RegExp(`: ${count - before.length} devices issued, ${before.length} `));
    const lines = recorded().slice(0, -1);
    assert.deepEqual(lines.slice(0, before.length), before);
    const ids = lines.map((line) => (JSON.parse(line) as { registrationId: string }).registrationId);
    assert.equal(new Set(ids).size, count);
    assert.equal(readdirSync(cli.path("many/devices")).length, count);
    assert.deepEqual(readdirSync(cli.path("many")).sort(), [".issuing.lock", "devices", "manifest.jsonl"]);
  });
});
