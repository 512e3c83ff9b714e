import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { systemClock } from "../../../../certs/clock";
import { OperatorError } from "../../../../operator/operatorError";
import { SqliteStore } from "../../../../operator/store/sqliteStore";
import { refuses, storeContract } from "../../../cast/operator/storeContract";
import { HandClock } from "../../../cast/testDependencies";

describe("the operator store in SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "operator-store-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  storeContract(async () => {
    const clock = new HandClock();
    const file = join(folder, "contract.db");
    const store = new SqliteStore(file, clock);
    return {
      store,
      again: async () => new SqliteStore(file, clock),
      expire: async () => clock.advance(60),
      close: () => store.close(),
    };
  });

  it("is a file of its user alone", async () => {
    const file = join(folder, "own", "store.db");
    const store = new SqliteStore(file);
    for (const each of [file, `${file}-wal`, `${file}-shm`]) assert.equal(statSync(each).mode & 0o777, 0o600, each);
    await store.close();
    assert.equal(statSync(join(folder, "own")).mode & 0o777, 0o700);
  });

  it("keeps what it has acknowledged after it is closed", async () => {
    const file = join(folder, "kept.db");
    const first = new SqliteStore(file);
    const etag = await first.write("users/alice", { a: 1 }, undefined);
    const lease = await first.createLog("transcripts/1", 15);
    await first.append(lease, 0, Buffer.from("line\n"));
    await first.close();
    const second = new SqliteStore(file);
    assert.deepEqual(await second.read("users/alice"), { value: { a: 1 }, etag });
    assert.equal((await second.readLog("transcripts/1"))?.toString(), "line\n");
    await second.close();
  });

  it("renews a lease after its end, where no other instance has acquired it", async () => {
    const clock = new HandClock();
    const store = new SqliteStore(join(folder, "renewed.db"), clock);
    const lease = await store.createLog("transcripts/1", 15);
    clock.advance(20);
    await refuses("LeaseHeld", store.append(lease, 0, Buffer.from("x")));
    await store.renewLease(lease, 15);
    assert.equal(await store.append(lease, 0, Buffer.from("x")), 1);
    await store.close();
  });

  it("does not prolong a lease when the clock moves back", async () => {
    const clock = new HandClock();
    const store = new SqliteStore(join(folder, "clock.db"), clock);
    await store.createLog("transcripts/1", 15);
    clock.advance(-3600);
    await store.acquireLease("transcripts/1", 15);
    await store.close();
  });

  it("refuses a write on a full disk, and goes on once there is space", async () => {
    const file = join(folder, "full.db");
    const store = new SqliteStore(file);
    const lease = await store.createLog("transcripts/1", 60);
    // Another connection's transaction is not needed: a trigger fails as SQLite does where it cannot extend its file.
    const other = new Libsql(file);
    other.exec(
      "CREATE TRIGGER full BEFORE INSERT ON chunks BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    );
    await assert.rejects(store.append(lease, 0, Buffer.from("x")), (error: unknown) => {
      assert.ok(error instanceof OperatorError);
      assert.equal(error.code, "StoreUnavailable");
      assert.match(error.describe(), /disk is full[\s\S]*To fix: .*free space/);
      return true;
    });
    other.exec("DROP TRIGGER full");
    other.close();
    assert.equal(await store.append(lease, 0, Buffer.from("y")), 1);
    assert.equal((await store.readLog("transcripts/1"))?.toString(), "y");
    await store.close();
  });

  it("waits for the transaction of another process while this one goes on, and not without an end", async () => {
    const file = join(folder, "locked.db");
    const [store, patient] = [new SqliteStore(file, systemClock, 50), new SqliteStore(file, systemClock, 60_000)];
    const lease = await store.createLog("transcripts/1", 15);
    const other = new Libsql(file);
    other.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const turning = setInterval(() => {
      turns += 1;
    }, 1);
    await assert.rejects(store.append(lease, 0, Buffer.from("x")), (error: unknown) => {
      assert.ok(error instanceof OperatorError && error.code === "StoreUnavailable");
      assert.match(error.describe(), /locked by another process for 0.05 seconds[\s\S]*To fix: end the process/);
      return true;
    });
    assert.equal(await store.readLog("transcripts/1").then(String), "", "what only reads goes on");
    const late = patient.append(lease, 0, Buffer.from("y"));
    const before = turns;
    while (turns === before) await new Promise((done) => setImmediate(done));
    other.exec("COMMIT");
    assert.equal(await late, 1);
    clearInterval(turning);
    other.close();
    for (const each of [store, patient]) await each.close();
  });

  it("refuses a file that is no database, a place where it cannot write, and calls after it is closed", async () => {
    const garbage = join(folder, "garbage.db");
    writeFileSync(garbage, "no database ".repeat(1000));
    for (const file of [garbage, "/dev/null/store.db"]) {
      assert.throws(() => new SqliteStore(file), { name: "OperatorError", code: "StoreUnavailable" });
    }
    const closed = new SqliteStore(join(folder, "closed.db"));
    await closed.close();
    await closed.close();
    await refuses("StoreUnavailable", closed.read("users/alice"));
    await refuses("StoreUnavailable", closed.list("users/"));
  });
});
