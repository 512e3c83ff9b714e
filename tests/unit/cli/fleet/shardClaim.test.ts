import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ShardClaim } from "../../../../cli/fleet/shardClaim";
import { OperatorError } from "../../../../operator/operatorError";
import type { OperatorStore } from "../../../../operator/store/operatorStore";
import { SqliteStore } from "../../../../operator/store/sqliteStore";

const SIZE = { idScope: "0ne1", devices: 10, messages: 1 };

/** Time that passes when the test says so. */
class TestTime {
  ms = 0;
  readonly #waiting = new Set<{ readonly at: number; readonly go: () => void }>();

  now = (): number => this.ms;

  wait = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener("abort", go);
        resolve();
      };
      this.#waiting.add({ at: this.ms + milliseconds, go });
      signal.addEventListener("abort", go);
      if (signal.aborted) go();
    });

  /** Passes time in steps, so that each timer sees its own moment. */
  async pass(milliseconds: number): Promise<void> {
    for (const end = this.ms + milliseconds; this.ms < end; ) {
      this.ms += 1000;
      for (const entry of [...this.#waiting].filter(({ at }) => at <= this.ms)) {
        this.#waiting.delete(entry);
        entry.go();
      }
      await pause(1);
    }
  }
}

describe("a claim of a shard", () => {
  let folder: string;
  let time: TestTime;
  let store: OperatorStore;
  const stores: OperatorStore[] = [];
  const open = (): OperatorStore => {
    const opened = new SqliteStore(join(folder, "store.db"), { now: () => new Date(time.ms) });
    stores.push(opened);
    return opened;
  };
  const next = (shards: number, more: object = {}): Promise<ShardClaim | undefined> =>
    ShardClaim.next({ store, shards, size: SIZE, clock: time, signal: new AbortController().signal, ...more });
  const claimed = async (shards: number, more?: object): Promise<ShardClaim> => {
    const claim = await next(shards, more);
    assert.ok(claim);
    return claim;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "claims-"));
    time = new TestTime();
    store = open();
  });
  afterEach(async () => {
    for (const each of stores.splice(0)) await each.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("gives each process another shard, and none when all are complete", async () => {
    const claims = [await claimed(3), await claimed(3, { store: open() }), await claimed(3, { store: open() })];
    assert.deepEqual(
      claims.map(({ shard }) => `${shard.index}/${shard.count}`),
      ["0/3", "1/3", "2/3"],
    );
    for (const claim of claims) await claim.close(true);
    assert.equal(await next(3), undefined);
  });

  it("keeps its journal for the process that claims the shard again", async () => {
    const first = await claimed(1);
    first.add("one\n");
    first.add("two\n");
    await first.close(false);
    const second = await claimed(1);
    assert.equal(second.before.toString(), "one\ntwo\n");
    second.add("three\n");
    await time.pass(3000);
    assert.equal((await store.readLog("fleet/shard-0-of-1"))?.toString(), "one\ntwo\nthree\n");
    await second.close(true);
    assert.equal(await next(1), undefined);
  });

  it("is claimed again where more is wanted: more devices, more messages, or another service", async () => {
    await (await claimed(1)).close(true);
    for (const size of [
      { ...SIZE, devices: 11 },
      { ...SIZE, messages: 2 },
      { ...SIZE, idScope: "0ne2" },
    ]) {
      await (await claimed(1, { size })).close(false);
    }
    assert.equal(await next(1, { size: { ...SIZE, messages: 0 } }), undefined);
  });

  it("waits for a shard that another process has, until its lease ends", async () => {
    const first = await claimed(1);
    const waiting = next(1, { store: open() });
    await time.pass(120_000);
    assert.equal(await Promise.race([waiting, "waits"]), "waits");
    await first.close(false);
    await time.pass(5000);
    assert.ok(await waiting);
  });

  it("ends the search when the user stops it", async () => {
    await claimed(1);
    const stop = new AbortController();
    const waiting = next(1, { store: open(), signal: stop.signal });
    stop.abort();
    assert.equal(await waiting, undefined);
  });

  it("is lost to a process that has taken over, which alone writes the journal", async () => {
    // As after a pause of the whole process, such as SIGSTOP: no renewal.
    const frozen = { now: time.now, wait: () => new Promise<void>(() => undefined) };
    const stale = await claimed(1, { clock: frozen });
    time.ms += 61_000;
    const taken = await claimed(1, { store: open() });
    taken.add("new\n");
    await time.pass(3000);
    const log = await store.readLog("fleet/shard-0-of-1");
    assert.equal(log?.toString(), "new\n");
    assert.ok(!taken.signal.aborted);
    assert.ok(!stale.signal.aborted);
  });

  it("stops its run when the lease is lost, and when the store does not respond for 25 seconds", async () => {
    for (const code of ["LeaseHeld", "StoreUnavailable"] as const) {
      const failing = Object.assign(open(), {
        renewLease: async () => {
          throw new OperatorError(code, "no");
        },
      });
      const claim = await claimed(1, { store: failing, size: { ...SIZE, idScope: code } });
      await time.pass(9000);
      assert.ok(!claim.signal.aborted, code);
      await time.pass(code === "LeaseHeld" ? 5000 : 20_000);
      assert.ok(claim.signal.aborted, code);
      await assert.rejects(claim.close(true), { code: "CLAIM_LOST" });
      time.ms += 61_000;
    }
  });
});
