import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { INDEX_MEMORY, indexMemory } from "../../../../operator/transcript/indexMemory";
import { verifyIndex } from "../../../../operator/transcript/indexVerification";
import { readIndex, TranscriptIndex } from "../../../../operator/transcript/transcriptIndex";
import { ALICE, type TestInstance, type TestInstances, testInstances } from "../../../cast/operator/instances";

describe("the index of transcripts", () => {
  let instances: TestInstances;
  let one: TestInstance;
  let two: TestInstance;
  beforeEach(async () => {
    instances = testInstances();
    [one, two] = [await instances.add("one"), await instances.add("two")];
  });
  afterEach(() => instances.close());

  const trusted = () => new Set([one.instance.fingerprint, two.instance.fingerprint]);
  const session = async ({ registry }: TestInstance): Promise<string> => {
    const opened = await registry.open(ALICE);
    await opened.close("exit");
    return opened.information.id;
  };
  const found = async () =>
    Promise.all(
      (await one.store.listLogs("transcripts/")).map(async (log) => {
        const [first = ""] = ((await one.store.readLog(log)) ?? Buffer.alloc(0)).toString().split("\n");
        return { session: log.slice("transcripts/".length), firstHash: (JSON.parse(first) as { hash: string }).hash };
      }),
    );
  const verified = async (remembered: { sequence: number; hash: string }[] = []) =>
    verifyIndex(await readIndex(one.store), await found(), { trusted: trusted(), remembered });
  const removeDocument = async (sequence: number) => {
    const name = `index/${String(sequence).padStart(10, "0")}`;
    await one.store.remove(name, (await one.store.read(name))?.etag ?? "");
  };

  it("has every session, also of instances that open them at the same time", async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, (_, at) => session(at % 2 === 0 ? one : two)));
    const entries = await readIndex(one.store);
    assert.deepEqual(
      entries.map(({ sequence }) => sequence),
      sessions.map((_, at) => at + 1),
    );
    assert.deepEqual(entries.map((each) => each.session).sort(), [...sessions].sort());
    assert.deepEqual(await verified(), {
      errors: [],
      unknownInstances: [],
      missing: [],
      uploaded: [],
      unlisted: [],
    });
  });

  it("finds a removed transcript, and one that was exchanged for another", async () => {
    const [removed, exchanged] = [await session(one), await session(two)];
    const drop = async (id: string) => one.store.removeLog(await one.store.acquireLease(`transcripts/${id}`, 20));
    await drop(removed);
    await drop(exchanged);
    const lease = await one.store.createLog(`transcripts/${exchanged}`, 20);
    await one.store.append(lease, 0, Buffer.from(`${JSON.stringify({ hash: "other" })}\n`));
    assert.deepEqual(
      (await verified()).missing.map((each) => each.session),
      [removed, exchanged],
    );
  });

  it("finds a removed, a changed and a foreign entry of its own", async () => {
    for (let at = 0; at < 4; at += 1) await session(one);
    const entries = await readIndex(one.store);
    const check = (given: typeof entries, known = trusted()) =>
      verifyIndex(given, [], { trusted: known, remembered: [] });
    assert.match(check(entries.toSpliced(1, 1)).errors.join(), /Entry 3 of the index does not follow/);
    const renamed = entries.map((entry, at) => (at === 2 ? { ...entry, session: "0".repeat(32) } : entry));
    assert.equal(check(renamed).errors.length, 2);
    const foreign = check(entries, new Set());
    assert.deepEqual([foreign.errors, foreign.unknownInstances], [[], [one.instance.fingerprint]]);
    await removeDocument(2);
    assert.match((await verified()).errors.join(), /Entry 3 of the index does not follow/);
  });

  it("finds a removed end by what the instances remember, and tells the instance at its start", async () => {
    const folder = mkdtempSync(join(tmpdir(), "operator-index-"));
    try {
      const { store, instance } = one;
      const memory = indexMemory(folder);
      const index = () => new TranscriptIndex({ store, instance, clock: instances.clock }, memory);
      assert.equal(await index().isContinued(), true);
      const append = (name: string) => index().append({ kind: "opened", session: name, hash: "00" });
      await append("first");
      await append("last");
      assert.equal(await index().isContinued(), true);
      await removeDocument(2);
      assert.equal(await index().isContinued(), false);
      const remembered = memory.read();
      assert.equal(remembered?.sequence, 2);
      assert.match((await verified(remembered && [remembered])).errors.join(), /written entry 2: its end is missing/);
      writeFileSync(join(folder, INDEX_MEMORY), "{");
      assert.equal(memory.read(), undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is written before a session runs anything: without it there is no session", async () => {
    const { store } = one;
    const write = store.write.bind(store);
    store.write = (name, ...rest) =>
      name.startsWith("index/") ? Promise.reject(new TypeError("no index")) : write(name, ...rest);
    await assert.rejects(one.registry.open(ALICE), /no index/);
    assert.deepEqual(await one.registry.list(), []);
    const [log = ""] = await store.listLogs("transcripts/");
    assert.equal(await store.isLeased(log), false);
  });
});
