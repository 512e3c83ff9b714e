import { strict as assert } from "node:assert";
import { existsSync, writeFileSync } from "node:fs";
import { stateFile } from "../../cli/pulumi/stackState";
import { INTERRUPTED, InterruptedCheckout } from "../cast/interrupted";

/** The engine, killed in the midst of an `npm run up`: the next one goes on by itself. */
describe("npm run up, its engine killed in the midst", function () {
  this.timeout(300_000);
  let checkout: InterruptedCheckout;

  before(() => {
    checkout = new InterruptedCheckout();
  });
  after(() => checkout?.remove());

  it("goes on after a kill -9 of the Pulumi CLI before the provisioning service came into being", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_CreateOrUpdate");
    process.kill(checkout.enginePid, "SIGKILL");
    assert.equal((await up.ended).code, 137);
    // The backend's attributes, as a CLI that was started with another backend address leaves them when it dies in them.
    const attributes = `${stateFile(checkout.paths)}.attrs`;
    assert.ok(!existsSync(attributes), "ours writes none");
    writeFileSync(attributes, "");
    const next = await checkout.goesOn();
    assert.ok(next.stderr.includes(INTERRUPTED), next.stderr);
  });

  it("goes on after a kill -9 of the Pulumi CLI that had not yet heard of the provisioning service", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_Get");
    process.kill(checkout.enginePid, "SIGKILL");
    assert.equal((await up.ended).code, 137);
    const next = await checkout.goesOn();
    assert.ok(next.stderr.includes(INTERRUPTED), next.stderr);
  });
});
