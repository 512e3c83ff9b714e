import { strict as assert } from "node:assert";
import { FOR_EVER, InterruptedCheckout } from "../cast/interrupted";

/** An `npm run down` that is killed and an `npm run up` that is interrupted: the next run goes on by itself. */
describe("npm run down, killed in the midst", function () {
  this.timeout(300_000);
  let checkout: InterruptedCheckout;

  before(() => {
    checkout = new InterruptedCheckout();
  });
  after(() => checkout?.remove());

  it("goes on after a kill -9 of the Pulumi CLI twice in npm run down, to either side", async () => {
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
    await checkout.goesOn();
  });

  it("goes on after Ctrl-C", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_Get");
    up.child.kill("SIGINT");
    const { code, stdout } = await up.ended;
    assert.equal(code, 130);
    assert.doesNotMatch(stdout, /The environment is deployed/);
    await checkout.goesOn();
  });
});
