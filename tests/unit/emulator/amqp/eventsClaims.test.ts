import { strict as assert } from "node:assert";
import { createSas } from "../../../../azure/sas";
import { EventsClaims } from "../../../../emulator/amqp/eventHubs/eventsClaims";
import { FakeDirectory, HUB_HOST } from "../../../cast/dataPlane";

describe("the tokens of a connection to an events endpoint", () => {
  it("are a limited number, each of which can be renewed", () => {
    const hub = new FakeDirectory().hub(HUB_HOST) ?? assert.fail();
    const claims = new EventsClaims(() => 0);
    const [policy = assert.fail()] = hub.policies;
    const key = Buffer.from(policy.primaryKey).toString("base64");
    const put = (group: number): void => {
      const audience = `sb://${hub.events.host}/${hub.events.path}/ConsumerGroups/${group}`;
      claims.put({ kind: "sas", token: createSas(audience, key, 3600, policy.keyName), audience }, [hub]);
    };
    for (let group = 0; group < 1000; group += 1) put(group);
    assert.throws(() => put(1000), { condition: "amqp:resource-limit-exceeded" });
    assert.doesNotThrow(() => put(7));
  });
});
