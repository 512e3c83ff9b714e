import { strict as assert } from "node:assert";
import { TranscriptArchiver, type TranscriptMover } from "../../../../operator/archive/transcriptArchiver";
import { publishedFingerprints } from "../../../../operator/transcript/instanceKey";
import { verifyTranscript } from "../../../../operator/transcript/transcriptVerification";
import { ALICE, type TestInstance, type TestInstances, testInstances } from "../../../cast/operator/instances";
import { MemoryDestination } from "../../../cast/operator/memoryDestination";

describe("moving transcripts to their destination", () => {
  let instances: TestInstances;
  let one: TestInstance;
  let two: TestInstance;
  let destination: MemoryDestination;

  beforeEach(async () => {
    instances = testInstances();
    [one, two] = [await instances.add("one"), await instances.add("two")];
    destination = new MemoryDestination();
  });
  afterEach(() => instances.close());

  const archiverOf = (
    { store, instance, index }: TestInstance,
    mover: TranscriptMover = { user: "bob", role: "administrator" },
  ): TranscriptArchiver =>
    new TranscriptArchiver({ store, instance, index, clock: instances.clock }, destination, mover);

  /** A session, closed where it is not to be orphaned. */
  const session = async (isClosed = true): Promise<string> => {
    const opened = await one.registry.open(ALICE);
    await opened.recorder.record("command", { line: "Get-Help" });
    if (isClosed) await opened.close("exit");
    return opened.information.id;
  };

  it("seals, uploads, confirms and then removes a closed one, and notes where it is", async () => {
    const id = await session();
    const moved = await archiverOf(two).move(id);
    const file = destination.files.get(`${id}.jsonl`) ?? Buffer.alloc(0);
    const verified = verifyTranscript(file, { trusted: await publishedFingerprints(one.store), mustBeSealed: true });
    assert.deepEqual([verified.session, verified.isSealed, verified.entries.length], [id, true, 3]);
    assert.deepEqual(
      [moved.state, moved.bytes, moved.file],
      ["uploaded", file.length, `${destination.url}/${id}.jsonl`],
    );
    assert.deepEqual(await one.store.listLogs("transcripts/"), []);
    const note = (await one.store.read(`uploads/${id}`))?.value;
    assert.deepEqual([note?.sha256, note?.user, note?.file], [moved.sha256, "bob", moved.file]);
  });

  it("closes those whose instance has died, leaves open ones, and skips the own one", async () => {
    const dead = await session(false);
    instances.clock.advance(21);
    const [own, open, closed] = [await session(), await session(false), await session()];
    const moved = await archiverOf(two).moveOthers(own, new AbortController().signal);
    assert.deepEqual(
      new Map(moved.map(({ session, state }) => [session, state])),
      new Map([
        [dead, "uploaded"],
        [open, "open"],
        [closed, "uploaded"],
      ]),
    );
    const kinds = String(destination.files.get(`${dead}.jsonl`)).match(/"kind":"\w+"/g);
    assert.deepEqual(kinds?.slice(-2), ['"kind":"takenOver"', '"kind":"closed"']);
    assert.deepEqual(
      (await one.registry.list()).map(({ id }) => id),
      [open],
    );
  });

  it("leaves those of other users to an administrator", async () => {
    const id = await session();
    const moved = await archiverOf(two, { user: "bob", role: "operator" }).move(id);
    assert.deepEqual([moved.state, destination.files.size], ["foreign", 0]);
    assert.equal((await archiverOf(two, { user: ALICE.user, role: "operator" }).move(id)).state, "uploaded");
  });

  it("keeps one whose upload fails at any request, and moves it the next time", async () => {
    for (const failsAt of [1, 2]) {
      const id = await session();
      destination = new MemoryDestination();
      destination.failsAt = failsAt;
      const moved = await archiverOf(two).move(id);
      assert.deepEqual([moved.state, moved.error], ["kept", "UploadFailed: The destination is away."]);
      assert.deepEqual(await one.store.listLogs("transcripts/"), [`transcripts/${id}`]);
      assert.equal((await archiverOf(one).move(id)).state, "uploaded");
    }
  });

  it("keeps one whose file is not the same at the destination", async () => {
    const id = await session();
    destination.change = (bytes) => bytes.subarray(0, -2);
    const moved = await archiverOf(two).move(id);
    assert.deepEqual([moved.state, moved.error?.split(":")[0]], ["kept", "UploadFailed"]);
    assert.deepEqual(await one.store.listLogs("transcripts/"), [`transcripts/${id}`]);
  });

  it("confirms one that another instance has uploaded before it died, and does not write it again", async () => {
    const id = await session();
    const removeLog = one.store.removeLog;
    one.store.removeLog = async () => Promise.reject(Object.assign(new Error("killed")));
    await assert.rejects(archiverOf(one).move(id), /killed/);
    one.store.removeLog = removeLog;
    const first = destination.files.get(`${id}.jsonl`);
    assert.equal((await archiverOf(two).move(id)).state, "uploaded");
    assert.equal(destination.files.get(`${id}.jsonl`), first);
    assert.deepEqual(await one.store.listLogs("transcripts/"), []);
  });

  it("keeps one that is altered, as evidence", async () => {
    const id = await session();
    const lease = await one.store.acquireLease(`transcripts/${id}`, 15);
    const { length } = (await one.store.readLog(lease.log)) ?? { length: 0 };
    await one.store.append(lease, length, Buffer.from('{"sequence":4}\n'));
    await one.store.releaseLease(lease);
    const moved = await archiverOf(two).move(id);
    assert.deepEqual([moved.state, moved.error?.split(":")[0]], ["kept", "TranscriptAltered"]);
    assert.equal(destination.files.size, 0);
  });

  it("removes one without an entry", async () => {
    await one.store.createLog("transcripts/empty", 15);
    instances.clock.advance(21);
    assert.deepEqual(await archiverOf(two).move("empty"), { session: "empty", state: "empty" });
    assert.deepEqual(await one.store.listLogs("transcripts/"), []);
  });
});
