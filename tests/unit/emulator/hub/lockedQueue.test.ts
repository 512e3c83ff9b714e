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
});
