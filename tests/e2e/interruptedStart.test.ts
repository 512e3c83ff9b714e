import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { alive } from "../../bootstrap/lock.cjs";
import { readyFile } from "../../cli/local/readyFile";
import { Checkout } from "../cast/checkout";

/** Milliseconds after the start of `up`: before, while and after its local Azure starts. */
const MOMENTS = [150, 400, 700, 1000, 1400, 1800, 2300, 3000];

describe("the local Azure, when commands are interrupted and files are lost", function () {
  this.timeout(300_000);
  let checkout: Checkout;

  before(() => {
    checkout = new Checkout();
  });
  after(() => checkout?.remove());

  const localAzures = () => checkout.processes().filter(({ args }) => args.includes("emulator"));

  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    it(`starts after ${signal} at any moment of up's start, with one process, and stops`, async () => {
      for (const moment of MOMENTS) {
        const up = checkout.begin("up");
        await pause(moment);
        up.child.kill(signal);
        const next = await checkout.zero("local", "start");
        assert.equal(next.code, 0, `${moment} ms: ${next.stderr}`);
        assert.deepEqual(
          localAzures().map(({ pid }) => pid),
          [checkout.ready.pid],
          `${moment} ms`,
        );
        await up.ended;
        assert.match((await checkout.zero("local", "stop")).stdout, /is stopped/);
        assert.deepEqual(localAzures(), []);
      }
    });
  }

  it("ends one that starts, and none comes after it", async () => {
    const up = checkout.begin("up");
    await pause(1000);
    up.child.kill("SIGKILL");
    await up.ended;
    assert.equal((await checkout.zero("local", "stop")).code, 0);
    await pause(1500);
    assert.deepEqual(localAzures(), []);
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
