import { strict as assert } from "node:assert";
import { existsSync, writeFileSync } from "node:fs";
import { stateFile } from "../../cli/pulumi/stackState";
import { INTERRUPTED, InterruptedCheckout } from "../cast/interrupted";

/** The engine, killed during an `npm run up`: the next one continues. */
describe("npm run up, its engine killed", function () {
  this.timeout(300_000);
  let checkout: InterruptedCheckout;

  before(() => {
    checkout = new InterruptedCheckout();
  });
  after(() => checkout?.remove());

  it("continues after a kill -9 of the Pulumi CLI before the provisioning service exists", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_CreateOrUpdate");
    process.kill(checkout.enginePid, "SIGKILL");
    assert.equal((await up.ended).code, 137);
    // The backend's attributes file, as a CLI with another backend address leaves it when it dies while it writes.
    const attributes = `${stateFile(checkout.paths)}.attrs`;
    assert.ok(!existsSync(attributes), "ours writes none");
    writeFileSync(attributes, "");
    const next = await checkout.assertContinues();
    assert.ok(next.stderr.includes(INTERRUPTED), next.stderr);
  });

  it("continues after a kill -9 of the Pulumi CLI before Azure's response about the new provisioning service", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_Get");
    process.kill(checkout.enginePid, "SIGKILL");
    assert.equal((await up.ended).code, 137);
    const next = await checkout.assertContinues();
    assert.ok(next.stderr.includes(INTERRUPTED), next.stderr);
  });
});
