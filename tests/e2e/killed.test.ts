import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { locks } from "../../tools/pulumi/stackLock";
import { azureClient } from "../cast/azureClient";
import { Checkout, type CommandEnd, listing, type RunningCommand } from "../cast/checkout";

/** Longer than a test: a request that is held this long is never looked at again. */
const FOR_EVER = 600_000;
const INTERRUPTED = "The last run was interrupted; going on from where it was.";

/** The commands of a user, killed in the midst of an `npm run up`: the next one goes on by itself. */
describe("npm run up, killed in the midst", function () {
  this.timeout(300_000);
  let checkout: Checkout;

  before(() => {
    checkout = new Checkout();
  });
  after(() => checkout?.remove());

  /** Begins an `up` whose next request of that operation hangs, and waits until it does. */
  async function upUntil(service: string, operation: string): Promise<RunningCommand> {
    assert.equal((await checkout.zero("local", "start")).code, 0);
    await checkout.hold(service, operation, FOR_EVER);
    const up = checkout.begin("up");
    await checkout.held(up);
    return up;
  }

  /** The engine's process: the holder of the stack's lock. */
  function enginePid(): number {
    const [lock, ...more] = locks(checkout.paths);
    assert.ok(lock !== undefined && more.length === 0);
    return lock.pid;
  }

  function pluginPid(): number {
    const plugins = listing().filter(({ args }) => args.includes(`${checkout.paths.pulumiHome}/plugins/`));
    assert.equal(plugins.length, 1, JSON.stringify(plugins));
    return plugins[0]?.pid ?? 0;
  }

  /** What stands in the local Azure, whoever knows of it. */
  async function standing(): Promise<readonly string[]> {
    const client = azureClient(checkout.ready);
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

  /** The next `up`, and all that must be true after it; then `down`, after which nothing is left. */
  async function goesOn(): Promise<CommandEnd> {
    const next = await checkout.zero("up");
    assert.equal(next.code, 0, next.stdout + next.stderr);
    assert.match(next.stdout, /The environment stands on the local Azure\./);
    assert.match(next.stdout, /Root certificate +zero-touch-root, verified/);
    assert.equal(next.stdout.match(/ +status +assigned\n/g)?.length, 2, next.stdout);
    assert.equal(next.stdout.match(/accepted with 204, seen arriving at the hub/g)?.length, 2, next.stdout);
    assert.doesNotMatch(next.stdout, /not among the stack's outputs/);

    const preview = await checkout.zero("preview", "--expect-no-changes");
    assert.equal(preview.code, 0, preview.stdout + preview.stderr);
    const { outputs, pending } = checkout.state ?? assert.fail("there is no stack");
    assert.deepEqual(pending, []);
    assert.deepEqual(await standing(), [outputs.resourceGroupName, outputs.hubName, outputs.provisioningServiceName]);
    assert.equal(checkout.gitStatus(), "");

    const down = await checkout.zero("down");
    assert.equal(down.code, 0, down.stdout + down.stderr);
    assert.ok(!existsSync(checkout.paths.local));
    assert.deepEqual(checkout.processes(), []);
    assert.equal(checkout.gitStatus(), "");
    return next;
  }

  it("goes on after a kill -9 of the Pulumi CLI before the provisioning service came into being", async () => {
    const up = await upUntil("arm", "IotDpsResource_CreateOrUpdate");
    process.kill(enginePid(), "SIGKILL");
    assert.equal((await up.ended).code, 137);
    const next = await goesOn();
    assert.ok(next.stderr.includes(INTERRUPTED), next.stderr);
  });

  it("goes on after a kill -9 of the Pulumi CLI that had not yet heard of the provisioning service", async () => {
    const up = await upUntil("arm", "IotDpsResource_Get");
    process.kill(enginePid(), "SIGKILL");
    assert.equal((await up.ended).code, 137);
    const next = await goesOn();
    assert.ok(next.stderr.includes(INTERRUPTED), next.stderr);
  });

  it("goes on after a kill -9 of the azure-native plugin", async () => {
    const up = await upUntil("arm", "IotDpsResource_CreateOrUpdate");
    process.kill(pluginPid(), "SIGKILL");
    const { code, stdout } = await up.ended;
    assert.notEqual(code, 0);
    assert.doesNotMatch(stdout, /The environment stands/);
    await goesOn();
  });

  it("goes on after a kill -9 of the local Azure in a registration", async () => {
    const up = await upUntil("dps-device", "RuntimeRegistration_RegisterDevice");
    process.kill(checkout.ready.pid, "SIGKILL");
    const { code, stdout } = await up.ended;
    assert.notEqual(code, 0);
    assert.match(stdout, /Could not register/);
    await goesOn();
  });

  it("goes on after a kill -9 of everything at once, as when the machine stops", async () => {
    const up = await upUntil("dps-service", "EnrollmentGroup_CreateOrUpdate");
    for (const { pid } of checkout.processes()) if (pid !== up.child.pid) process.kill(pid, "SIGKILL");
    up.child.kill("SIGKILL");
    await up.ended;
    const next = await goesOn();
    assert.ok(next.stderr.includes(INTERRUPTED), next.stderr);
  });

  it("goes on after a kill -9 of the Pulumi CLI twice in npm run down, to either side", async () => {
    assert.equal((await checkout.zero("up")).code, 0);
    for (const operation of ["IotDpsResource_Delete", "IotHubResource_Delete"]) {
      await checkout.hold("arm", operation, FOR_EVER);
      const down = checkout.begin("down");
      await checkout.held(down);
      process.kill(enginePid(), "SIGKILL");
      const { code, stderr } = await down.ended;
      assert.notEqual(code, 0);
      assert.match(stderr, /The stack dev could not be destroyed\./);
    }
    await goesOn();
  });

  it("goes on after Ctrl-C", async () => {
    const up = await upUntil("arm", "IotDpsResource_Get");
    up.child.kill("SIGINT");
    const { code, stdout } = await up.ended;
    assert.notEqual(code, 0);
    assert.doesNotMatch(stdout, /The environment stands/);
    await goesOn();
  });
});
