import { strict as assert } from "node:assert";
import { LockedQueue } from "../../../../emulator/hub/messages/lockedQueue";
import { Database } from "../../../../emulator/kernel/database";
import { countedIds, HandClock } from "../../../cast/testDependencies";

describe("the durable queues of the hubs", () => {
  it("settle their own messages only, so that another kind of queue loses none of them", () => {
    const clock = new HandClock();
    const deps = { database: new Database(":memory:"), clock, ids: countedIds() };
    const lost: string[] = [];
    const devices = new LockedQueue(deps, "devices/*", ({ address }, loss) => lost.push(`${address.queue} ${loss}`));
    const feedback = new LockedQueue(deps, "feedback");
    const expires = new Date(clock.now().getTime() + 1000);
    const draft = { body: Buffer.alloc(0), content: {}, expires, maxDeliveries: 10 };
    devices.add({ hub: "hub-1", queue: "devices/pump-1" }, draft);
    feedback.add({ hub: "hub-1", queue: "feedback" }, draft);
    clock.advance(2);
    feedback.sweep();
    assert.equal(devices.count({ hub: "hub-1", queue: "devices/pump-1" }), 1);
    assert.equal(feedback.count({ hub: "hub-1", queue: "feedback" }), 0);
    devices.sweep();
    assert.deepEqual(lost, ["devices/pump-1 expired"]);
  });

  it("lose what has expired as new messages come, though no client receives", () => {
    const clock = new HandClock();
    const queue = new LockedQueue({ database: new Database(":memory:"), clock, ids: countedIds() }, "feedback");
    const address = { hub: "hub-1", queue: "feedback" };
    const add = (count: number) => {
      const expires = new Date(clock.now().getTime() + 1000);
      for (let index = 0; index < count; index += 1) {
        queue.add(address, { body: Buffer.alloc(0), content: {}, expires, maxDeliveries: 10 });
      }
    };
    add(200);
    assert.equal(queue.count(address), 200);
    clock.advance(2);
    add(64);
    assert.equal(queue.count(address), 64);
  });

  it("read only what is due, however much waits", () => {
    const database = new Database(":memory:");
    const clock = new HandClock();
    const feedback = new LockedQueue({ database, clock, ids: countedIds() }, "feedback");
    const devices = new LockedQueue({ database, clock, ids: countedIds() }, "devices/*");
    const plans = new Set<string>();
    const original = database.all.bind(database);
    database.all = (sql, ...values) => {
      for (const { detail } of original(`EXPLAIN QUERY PLAN ${sql}`, ...values)) plans.add(String(detail));
      return original(sql, ...values);
    };
    feedback.receive({ hub: "hub-1", queue: "feedback" }, { lockMs: 1000 });
    feedback.sweep();
    devices.sweep();
    assert.deepEqual(
      [...plans].filter((plan) => !/USING INDEX hub_queue_(order|locked|expires) \(.*\)/.test(plan)),
      [],
    );
    assert.ok([...plans].some((plan) => plan.includes("hub_queue_expires")));
  });
});
