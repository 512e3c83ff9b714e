import { strict as assert } from "node:assert";
import Libsql from "libsql";
import { storeUnavailable } from "../../../../operator/store/storeErrors";
import { ALICE, type TestInstance, type TestInstances, testInstances } from "../../../cast/operator/instances";
import { refuses } from "../../../cast/operator/storeContract";

describe("the sessions of an operator endpoint", () => {
  let instances: TestInstances;
  let one: TestInstance;
  let two: TestInstance;

  beforeEach(async () => {
    instances = testInstances();
    [one, two] = [await instances.add("one"), await instances.add("two")];
  });
  afterEach(() => instances.close());

  it("are listed while they are open, with user, source and instance", async () => {
    const session = await one.registry.open(ALICE);
    const opened = instances.clock.now().toISOString();
    const { id } = session.information;
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.deepEqual(await two.registry.list(), [
      { id, user: "alice", role: "administrator", source: "192.0.2.7", instance: "one", opened },
    ]);
    await session.close("exit");
    assert.deepEqual(await two.registry.list(), []);
    assert.deepEqual(await two.store.listLogs("transcripts/"), [`transcripts/${id}`]);
  });

  it("are orphaned once the instance has died, for their user only", async () => {
    const { information } = await one.registry.open(ALICE);
    await one.registry.open({ ...ALICE, user: "bob" });
    assert.deepEqual(await two.registry.orphaned(ALICE), []);
    await refuses("LeaseHeld", two.registry.takeOver(information.id, ALICE));
    instances.clock.advance(21);
    assert.deepEqual(
      (await two.registry.orphaned(ALICE)).map(({ id }) => id),
      [information.id],
    );
  });

  it("go on in another instance, with the outcome of the last command unknown", async () => {
    const first = await one.registry.open(ALICE);
    await first.recorder.record("command", { number: 1, line: "Get-Help" });
    await first.recorder.record("output", { number: 1, text: "help" });
    await first.recorder.record("command", { number: 2, line: "Disable-Device d-1" });
    await first.recorder.record("output", { number: 2, progress: "half-way" });
    instances.clock.advance(21);
    const second = await two.registry.takeOver(first.information.id, {
      ...ALICE,
      source: "192.0.2.8",
      role: "operator",
    });
    assert.deepEqual(second.interrupted, { number: 2, line: "Disable-Device d-1" });
    assert.deepEqual(
      [second.information.instance, second.information.source, second.information.role],
      ["two", "192.0.2.8", "operator"],
    );
    assert.equal((await one.registry.list())[0]?.instance, "two");
    await second.recorder.record("output", { number: 2, text: "" });
    await second.suspend();
    assert.equal((await one.registry.takeOver(first.information.id, ALICE)).interrupted, undefined);
  });

  it("keep no lease where they cannot be noted in the store", async () => {
    const session = await one.registry.open(ALICE);
    await session.suspend();
    const { write } = two.store;
    two.store.write = async () => Promise.reject(storeUnavailable("The store is away.", "wait"));
    await refuses("StoreUnavailable", two.registry.open(ALICE));
    await refuses("StoreUnavailable", two.registry.takeOver(session.information.id, ALICE));
    two.store.write = write;
    for (const log of await one.store.listLogs("transcripts/")) assert.equal(await one.store.isLeased(log), false, log);
  });

  it("go to one of two clients that take them over at once", async () => {
    const { information } = await one.registry.open(ALICE);
    instances.clock.advance(21);
    const results = await Promise.allSettled([
      one.registry.takeOver(information.id, ALICE),
      two.registry.takeOver(information.id, ALICE),
    ]);
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("are not taken over by another user, nor under an ID that is none", async () => {
    const { information } = await one.registry.open(ALICE);
    instances.clock.advance(21);
    await refuses("SessionNotFound", two.registry.takeOver(information.id, { ...ALICE, user: "bob" }));
    for (const id of ["", "x", "../users/alice", "0".repeat(32)]) {
      await refuses("SessionNotFound", two.registry.takeOver(id, ALICE));
    }
  });

  it("are not of a later user of the same name", async () => {
    const { information } = await one.registry.open({ ...ALICE, userCreated: "2026-01-01T00:00:00.000Z" });
    instances.clock.advance(21);
    const later = { ...ALICE, userCreated: "2026-02-01T00:00:00.000Z" };
    assert.deepEqual(await two.registry.orphaned(later), []);
    await refuses("SessionNotFound", two.registry.takeOver(information.id, later));
  });

  it("are not taken over once they are closed, and are forgotten then", async () => {
    const session = await one.registry.open(ALICE);
    const name = `sessions/${session.information.id}`;
    const document = await one.store.read(name);
    await session.close("exit");
    // The instance died between the last entry and this.
    await one.store.write(name, document?.value ?? {}, undefined);
    await refuses("SessionClosed", two.registry.takeOver(session.information.id, ALICE));
    assert.deepEqual(await two.registry.list(), []);
  });

  it("are not taken over where the transcript is altered, and stay as evidence", async () => {
    const { information, recorder } = await one.registry.open(ALICE);
    await recorder.record("command", { line: "Disable-Device d-1" });
    const db = new Libsql(instances.file);
    db.exec("UPDATE chunks SET bytes = CAST(replace(CAST(bytes AS TEXT), 'd-1', 'd-2') AS BLOB)");
    db.close();
    instances.clock.advance(21);
    await refuses("TranscriptAltered", two.registry.takeOver(information.id, ALICE));
    await refuses("TranscriptAltered", two.registry.takeOver(information.id, ALICE));
    assert.equal((await two.registry.orphaned(ALICE)).length, 1);
  });
});
