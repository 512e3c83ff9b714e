import { strict as assert } from "node:assert";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { alive } from "../../bootstrap/lock.cjs";
import { readyFile } from "../../cli/local/readyFile";
import { Checkout, type RunningCommand } from "../cast/checkout";

describe("the local Azure, when commands are interrupted and files are lost", function () {
  this.timeout(300_000);
  let checkout: Checkout;

  before(async () => {
    checkout = new Checkout();
    await checkout.placeKeys();
  });
  after(() => checkout?.remove());

  const localAzures = () => checkout.processes().filter(({ args }) => args.includes("emulator"));

  /** The files that a start of the local Azure makes, in their order; none exists at the first moment, the start of the command. */
  const moments = (): readonly (string | undefined)[] => [
    undefined,
    join(checkout.paths.local, "launched"),
    join(checkout.paths.azure, "pid"),
    readyFile(checkout.paths.azure),
  ];
  /** Begins an `up` and returns as soon as the file exists. */
  const upUntil = async (file: string | undefined): Promise<RunningCommand> => {
    if (file !== undefined) rmSync(file, { force: true });
    const up = checkout.begin("up");
    while (file !== undefined && !existsSync(file)) {
      assert.equal(up.child.exitCode, null, "up ended before it made the file");
      await pause(5);
    }
    return up;
  };

  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    it(`starts after ${signal} at any moment of up's start, with one process, and stops`, async () => {
      for (const moment of moments()) {
        const up = await upUntil(moment);
        up.child.kill(signal);
        const next = await checkout.zero("local", "start");
        assert.equal(next.code, 0, `${moment}: ${next.stderr}`);
        assert.deepEqual(
          localAzures().map(({ pid }) => pid),
          [checkout.ready.pid],
          moment,
        );
        await up.ended;
        assert.match((await checkout.zero("local", "stop")).stdout, /is stopped/);
        assert.deepEqual(localAzures(), []);
      }
    });
  }

  it("ends one that starts, and none comes after it", async () => {
    const up = await upUntil(join(checkout.paths.local, "launched"));
    up.child.kill("SIGKILL");
    await up.ended;
    assert.equal((await checkout.zero("local", "stop")).code, 0);
    assert.deepEqual(checkout.processes(), []);
  });

  it("finds its own process when ready.json is lost", async () => {
    assert.equal((await checkout.zero("local", "start")).code, 0);
    const { pid } = checkout.ready;
    rmSync(readyFile(checkout.paths.azure));
    assert.match((await checkout.zero("local", "status")).stdout, new RegExp(`process ${pid}\\b`));
    assert.equal((await checkout.zero("local", "start")).code, 0);
    assert.equal(checkout.ready.pid, pid);
  });

  it("starts a new one after rm -rf .local, and the old one ends and deletes nothing of the new one's", async () => {
    const old = checkout.ready.pid;
    rmSync(checkout.paths.local, { recursive: true });
    assert.equal((await checkout.zero("local", "start")).code, 0);
    while (alive(old)) await pause(50);
    assert.notEqual(checkout.ready.pid, old);
    assert.equal((await checkout.zero("local", "status")).code, 0);
    assert.equal(localAzures().length, 1);
  });
});
