import { strict as assert } from "node:assert";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const ENTRY = join(__dirname, "../../cli/zero-touch.cjs");
const run = promisify(execFile);

/** A process of `zero-touch operator serve`. */
class Serving {
  private printed = "";
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(folder: string, ...options: readonly string[]) {
    this.child = spawn(process.execPath, [ENTRY, "operator", "serve", "--folder", folder, ...options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.printed += text;
      });
    }
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  /** The command that it prints for its user, once it serves. */
  async command(): Promise<string> {
    for (;;) {
      const found = /^ {2}(ssh .*)$/m.exec(this.printed)?.[1];
      if (found !== undefined) return found;
      if (this.child.exitCode !== null) assert.fail(this.printed);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get output(): string {
    return this.printed;
  }

  end(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return this.ended;
  }
}

describe("zero-touch operator serve", () => {
  // With a blank, so that the printed command must quote.
  const folder = mkdtempSync(join(tmpdir(), "operator serve-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const connected = (command: string) => run("sh", ["-c", `${command} -- Get-Command Exit </dev/null`]);

  it("prints the command that connects, and keeps port, keys and users", async () => {
    const first = new Serving(folder);
    const command = await first.command();
    assert.match((await connected(command)).stdout, /^Exit {2}Ends the session/);
    for (const name of [
      "id_ed25519",
      "store.db",
      "zt01/ssh_host_ed25519_key",
      "zt01/instance.key",
      "zt01/endpoint.log",
    ]) {
      assert.equal(statSync(join(folder, name)).mode & 0o077, 0, `${name} is its owner's only`);
    }
    const second = new Serving(folder);
    assert.equal(await second.ended, 1);
    assert.match(second.output, /Another process listens on the port \d+\.[\s\S]*PORT_TAKEN/);
    assert.equal(await first.end(), 0);

    const again = new Serving(folder);
    assert.equal(await again.command(), command);
    assert.match((await connected(command)).stdout, /^Exit/);
    assert.equal(await again.end(), 0);
  });

  it("runs several instances over one store, and ends one whose folder is removed", async () => {
    const other = new Serving(folder, "--instance", "zt02", "--stack", "prod");
    const command = await other.command();
    assert.match((await connected(command)).stdout, /^Exit/);
    rmSync(folder, { recursive: true });
    assert.equal(await other.ended, 1);
    assert.match(other.output, /was removed, so the endpoint ends/);
    assert.ok(!existsSync(folder));
  });

  it("refuses a wrong name of an instance", async () => {
    const wrong = new Serving(folder, "--instance", "../x");
    assert.equal(await wrong.ended, 1);
    assert.match(wrong.output, /WRONG_INSTANCE/);
    assert.ok(!existsSync(folder));
  });
});
