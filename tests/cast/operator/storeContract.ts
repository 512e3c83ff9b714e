import { strict as assert } from "node:assert";
import type { OperatorErrorCode } from "../../../operator/operatorError";
import type { OperatorStore, StoreLease } from "../../../operator/store/operatorStore";

/** A store under test. */
export interface StoreUnderTest {
  readonly store: OperatorStore;
  /** Opens the same store a second time, as another instance does. */
  again(): Promise<OperatorStore>;
  /** Ends the lease of a log, as if its time were over. */
  expire(log: string): Promise<void>;
  close(): Promise<void>;
}

/** Asserts that a promise is refused with a code. */
export async function refuses(code: OperatorErrorCode, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.equal((error as { code?: unknown }).code, code, String(error));
    return true;
  });
}

/** What every store does, whatever holds it. */
export function storeContract(open: () => Promise<StoreUnderTest>): void {
  let test: StoreUnderTest;
  let store: OperatorStore;
  let other: OperatorStore;
  let count = 0;

  before(async () => {
    test = await open();
    store = test.store;
    other = await test.again();
  });
  after(async () => {
    await other?.close();
    await test?.close();
  });

  const newLog = async (): Promise<StoreLease> => store.createLog(`transcripts/log-${++count}`, 15);

  describe("documents", () => {
    it("are read as they were written, by every instance", async () => {
      assert.equal(await store.read("users/unknown"), undefined);
      const value = { name: "Ålice", keys: ["a", "b"], nested: { failures: 0, until: null } };
      const etag = await store.write("users/alice", value, undefined);
      assert.deepEqual(await other.read("users/alice"), { value, etag });
    });

    it("change only from the version that was read", async () => {
      const first = await store.write("users/bob", { failures: 0 }, undefined);
      const second = await other.write("users/bob", { failures: 1 }, first);
      assert.notEqual(first, second);
      await refuses("StoreConflict", store.write("users/bob", { failures: 2 }, first));
      await refuses("StoreConflict", store.write("users/bob", {}, undefined));
      await refuses("StoreConflict", store.write("users/absent", {}, first));
      assert.deepEqual((await store.read("users/bob"))?.value, { failures: 1 });
    });

    it("are removed only in the version that was read", async () => {
      const first = await store.write("users/carol", { a: 1 }, undefined);
      const second = await store.write("users/carol", { a: 2 }, first);
      await refuses("StoreConflict", store.remove("users/carol", first));
      await store.remove("users/carol", second);
      assert.equal(await store.read("users/carol"), undefined);
      await refuses("StoreConflict", store.remove("users/carol", second));
      await store.write("users/carol", { a: 3 }, undefined);
    });

    it("are listed by prefix, sorted, and not mixed with logs", async () => {
      for (const name of ["b", "a", "a.b", "a-b"]) await store.write(`listed/${name}`, {}, undefined);
      await store.write("listed-not/a", {}, undefined);
      await store.createLog("listed/log", 15);
      assert.deepEqual(await other.list("listed/"), ["listed/a", "listed/a-b", "listed/a.b", "listed/b"]);
      assert.deepEqual(await other.list("nothing/"), []);
      assert.deepEqual(await other.listLogs("listed/"), ["listed/log"]);
    });

    it("are written by one of many writers at once", async () => {
      const etag = await store.write("users/dan", { winner: -1 }, undefined);
      const writers = Array.from({ length: 8 }, (_, winner) =>
        (winner % 2 ? store : other).write("users/dan", { winner }, etag),
      );
      const results = await Promise.allSettled(writers);
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    });
  });

  describe("logs", () => {
    it("grow by appending at their end", async () => {
      const lease = await newLog();
      assert.deepEqual(await other.readLog(lease.log), Buffer.alloc(0));
      const bytes = Buffer.from([0, 10, 255]);
      assert.equal(await store.append(lease, 0, bytes), 3);
      assert.equal(await store.append(lease, 3, Buffer.from("next\n")), 8);
      assert.deepEqual(await other.readLog(lease.log), Buffer.concat([bytes, Buffer.from("next\n")]));
      assert.equal(await store.readLog("transcripts/absent"), undefined);
    });

    it("refuse an append at another length", async () => {
      const lease = await newLog();
      await store.append(lease, 0, Buffer.from("first\n"));
      await refuses("StoreConflict", store.append(lease, 0, Buffer.from("other\n")));
      await refuses("StoreConflict", store.append(lease, 7, Buffer.from("first\n")));
      assert.equal((await store.readLog(lease.log))?.toString(), "first\n");
    });

    it("are created once", async () => {
      const { log } = await newLog();
      await refuses("StoreConflict", other.createLog(log, 15));
    });

    it("are removed by the holder of the lease, and can then be created again", async () => {
      const lease = await newLog();
      await store.append(lease, 0, Buffer.from("x"));
      await refuses("LeaseHeld", other.removeLog({ ...lease, id: "00000000-0000-4000-8000-000000000000" }));
      await store.removeLog(lease);
      assert.equal(await store.readLog(lease.log), undefined);
      const next = await store.createLog(lease.log, 15);
      assert.equal((await store.readLog(next.log))?.length, 0);
    });
  });

  describe("leases", () => {
    it("are exclusive until they are released", async () => {
      const lease = await newLog();
      await refuses("LeaseHeld", other.acquireLease(lease.log, 15));
      await store.renewLease(lease, 30);
      assert.equal(await other.isLeased(lease.log), true);
      await store.releaseLease(lease);
      assert.equal(await other.isLeased(lease.log), false);
      await refuses("LeaseHeld", store.append(lease, 0, Buffer.from("x")));
      await refuses("LeaseHeld", store.renewLease(lease, 15));
      const theirs = await other.acquireLease(lease.log, 15);
      await other.append(theirs, 0, Buffer.from("x"));
    });

    it("fence off an instance that comes back after another one took over", async () => {
      const lease = await newLog();
      await store.append(lease, 0, Buffer.from("1\n"));
      await test.expire(lease.log);
      assert.equal(await other.isLeased(lease.log), false);
      await refuses("LeaseHeld", store.append(lease, 2, Buffer.from("late\n")));
      const theirs = await other.acquireLease(lease.log, 15);
      await refuses("LeaseHeld", store.append(lease, 2, Buffer.from("late\n")));
      await refuses("LeaseHeld", store.renewLease(lease, 15));
      await refuses("LeaseHeld", store.releaseLease(lease));
      await refuses("LeaseHeld", store.removeLog(lease));
      assert.equal(await other.append(theirs, 2, Buffer.from("2\n")), 4);
      assert.equal((await store.readLog(lease.log))?.toString(), "1\n2\n");
    });

    it("go to one of many instances at once", async () => {
      const lease = await newLog();
      await test.expire(lease.log);
      const takers = Array.from({ length: 6 }, (_, index) => (index % 2 ? store : other).acquireLease(lease.log, 15));
      const results = await Promise.allSettled(takers);
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    });

    it("of an absent log are refused", async () => {
      await refuses("LeaseHeld", store.acquireLease("transcripts/absent", 15));
      assert.equal(await store.isLeased("transcripts/absent"), false);
    });

    it("have 15 to 60 seconds", async () => {
      await assert.rejects(store.createLog("transcripts/short", 14), TypeError);
      await assert.rejects(store.createLog("transcripts/long", 61), TypeError);
    });
  });

  it("refuses names that are no paths of lower-case letters, digits, dots and dashes", async () => {
    for (const name of ["", "/a", "a/", "A", "a b", "a//b", "..", "a/../b", "ä", "a".repeat(201)]) {
      await assert.rejects(store.write(name, {}, undefined), TypeError, name);
      await assert.rejects(store.createLog(name, 15), TypeError, name);
    }
  });
}
