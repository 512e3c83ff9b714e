import { strict as assert } from "node:assert";
import { INTERRUPTED, InterruptedCheckout } from "../cast/interrupted";

/** What runs beside the engine, killed in the midst of an `npm run up`: the next one goes on by itself. */
describe("npm run up, its processes killed", function () {
  this.timeout(300_000);
  let checkout: InterruptedCheckout;

  before(() => {
    checkout = new InterruptedCheckout();
  });
  after(() => checkout?.remove());

  it("continues after a kill -9 of the azure-native plugin", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_CreateOrUpdate");
    process.kill(checkout.pluginPid, "SIGKILL");
    const { code, stdout } = await up.ended;
    assert.notEqual(code, 0);
    assert.doesNotMatch(stdout, /The environment is deployed/);
    await checkout.assertContinues();
  });

  it("continues after a kill -9 of the local Azure in a registration", async () => {
    const up = await checkout.upUntil("dps-device", "RuntimeRegistration_RegisterDevice");
    process.kill(checkout.ready.pid, "SIGKILL");
    const { code, stdout } = await up.ended;
    assert.notEqual(code, 0);
    assert.match(stdout, /Could not register/);
    await checkout.assertContinues();
  });

  it("continues after a kill -9 of everything at once, as when the machine stops", async () => {
    const up = await checkout.upUntil("dps-service", "EnrollmentGroup_CreateOrUpdate");
    for (const { pid } of checkout.processes()) if (pid !== up.child.pid) process.kill(pid, "SIGKILL");
    up.child.kill("SIGKILL");
    await up.ended;
    const next = await checkout.assertContinues();
    assert.ok(next.stderr.includes(INTERRUPTED), next.stderr);
  });
});
