import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { locks } from "../../cli/pulumi/stackLock";
import { azureClient } from "./azureClient";
import { Checkout, listing, type RunningCommand } from "./checkout";

/** Longer than any test: a held request never continues. */
export const FOR_EVER = 600_000;
/** The next command's message after an interrupted run. */
export const INTERRUPTED = "The last run was interrupted; going on from where it was.";

/** A clone for tests that kill commands while they work, and run them again. */
export class InterruptedCheckout extends Checkout {
  /** Begins an `up` whose next request of that operation hangs, and waits until it does. */
  async upUntil(service: string, operation: string): Promise<RunningCommand> {
    const start = async () => assert.equal((await this.zero("local", "start")).code, 0);
    // One that responds to a request is running.
    await Promise.resolve()
      .then(() => this.control("GET", "/faults"))
      .catch(start);
    await this.hold(service, operation, FOR_EVER);
    const up = this.begin("up");
    await this.held(up);
    return up;
  }

  /** The engine's process: the holder of the stack's lock. */
  get enginePid(): number {
    const [lock, ...more] = locks(this.paths);
    assert.ok(lock !== undefined && more.length === 0);
    return lock.pid;
  }

  /** The azure-native plugin's process. */
  get pluginPid(): number {
    const plugins = listing().filter(({ args }) => args.includes(`${this.paths.pulumiHome}/plugins/`));
    assert.equal(plugins.length, 1, JSON.stringify(plugins));
    return plugins[0]?.pid ?? 0;
  }

  /** The resources in the local Azure, of any stack. */
  async #resources(): Promise<readonly string[]> {
    const client = azureClient(this.ready);
    try {
      const names = async (path: string): Promise<string[]> => {
        const { status, body } = await client.arm("GET", path);
        assert.equal(status, 200, JSON.stringify(body));
        return (body as { value: { name: string }[] }).value.map(({ name }) => name);
      };
      const devices = "/providers/Microsoft.Devices";
      const kinds = ["/resourcegroups", `${devices}/IotHubs`, `${devices}/provisioningServices`];
      return (await Promise.all(kinds.map(names))).flat();
    } finally {
      await client.close();
    }
  }

  /** Runs the next `up` and asserts its result. */
  async assertUp(): Promise<void> {
    const next = await this.zero("up");
    assert.equal(next.code, 0, next.stdout + next.stderr);
    assert.match(next.stdout, /The environment is deployed on the local Azure\./);
    assert.match(next.stdout, /Root certificate +zero-touch-root, verified/);
    assert.equal(next.stdout.match(/ +status +assigned\n/g)?.length, 2, next.stdout);
    assert.equal(next.stdout.match(/accepted with 204, read back from the hub's events/g)?.length, 2, next.stdout);
    assert.doesNotMatch(next.stdout, /not among the stack's outputs/);

    const preview = await this.zero("preview", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout + preview.stderr);
    const { outputs, pending } = this.state ?? assert.fail("there is no stack");
    assert.deepEqual(pending, []);
    assert.deepEqual(await this.#resources(), [
      outputs.resourceGroupName,
      outputs.hubName,
      outputs.provisioningServiceName,
    ]);
    assert.equal(this.gitStatus(), "");
  }

  /** Runs `down` and asserts that it leaves nothing. */
  async assertDown(): Promise<void> {
    const down = await this.zero("down");
    assert.equal(down.code, 0, down.stdout + down.stderr);
    await this.endProviders();
    assert.ok(!existsSync(this.paths.local));
    assert.deepEqual(this.processes(), []);
    assert.equal(this.gitStatus(), "");
  }
}
