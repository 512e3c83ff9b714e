import { strict as assert } from "node:assert";
import { FOR_EVER, InterruptedCheckout } from "../cast/interrupted";

/** A killed `npm run down` and an interrupted `npm run up`: the next run continues. */
describe("npm run down, killed while it works", function () {
  this.timeout(300_000);
  let checkout: InterruptedCheckout;

  before(() => {
    checkout = new InterruptedCheckout();
  });
  after(() => checkout?.remove());

  it("continues after two kills (-9) of the Pulumi CLI, with `up` or `down`", async () => {
    assert.equal((await checkout.zero("up")).code, 0);
    for (const operation of ["IotDpsResource_Delete", "IotHubResource_Delete"]) {
      await checkout.hold("arm", operation, FOR_EVER);
      const down = checkout.begin("down");
      await checkout.held(down);
      process.kill(checkout.enginePid, "SIGKILL");
      const { code, stderr } = await down.ended;
      assert.notEqual(code, 0);
      assert.match(stderr, /The stack dev could not be destroyed\./);
    }
    await checkout.assertContinues();
  });

  it("continues after Ctrl-C", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_Get");
    up.child.kill("SIGINT");
    const { code, stdout } = await up.ended;
    assert.equal(code, 130);
    assert.doesNotMatch(stdout, /The environment is deployed/);
    await checkout.assertContinues();
  });
});
