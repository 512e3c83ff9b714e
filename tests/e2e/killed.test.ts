import { strict as assert } from "node:assert";
import { existsSync, writeFileSync } from "node:fs";
import { stateFile } from "../../cli/pulumi/stackState";
import type { CommandEnd } from "../cast/checkout";
import { FOR_EVER, INTERRUPTED, InterruptedCheckout } from "../cast/interrupted";
import { SecretsVault } from "../cast/secretsVault";

/** Asks for the end of a service's creation or update: Azure has it. */
const SERVICE_POLLED = "IotDpsResource_GetOperationResult";

/** One stack whose `up` is stopped again and again, each time later: each run continues where the last one was. */
describe("npm run up and npm run down, killed while they work", function () {
  this.timeout(300_000);
  let secrets: SecretsVault;
  let checkout: InterruptedCheckout;

  before(async () => {
    secrets = await SecretsVault.start();
    checkout = new InterruptedCheckout(secrets);
    await checkout.placeKeys();
  });
  after(async () => {
    await checkout?.remove();
    secrets?.close();
  });

  const fails = ({ code, stdout }: CommandEnd): void => {
    assert.notEqual(code, 0);
    assert.doesNotMatch(stdout, /The environment is deployed/);
  };
  const says = ({ stderr }: CommandEnd): void => assert.ok(stderr.includes(INTERRUPTED), stderr);

  it("ends when the Pulumi CLI is killed (-9) before the provisioning service exists", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_CreateOrUpdate");
    process.kill(checkout.enginePid, "SIGKILL");
    assert.equal((await up.ended).code, 137);
    // The backend's attributes file, as a CLI with another backend address leaves it when it dies while it writes.
    const attributes = `${stateFile(checkout.paths)}.attrs`;
    assert.ok(!existsSync(attributes), "ours writes none");
    writeFileSync(attributes, "");
  });

  it("continues, and fails when the azure-native plugin is killed", async () => {
    const up = await checkout.upUntil("arm", "IotDpsResource_CreateOrUpdate");
    process.kill(checkout.pluginPid, "SIGKILL");
    const end = await up.ended;
    says(end);
    fails(end);
  });

  it("continues, and ends with 130 at Ctrl-C", async () => {
    const up = await checkout.upUntil("arm", SERVICE_POLLED);
    up.child.kill("SIGINT");
    const end = await up.ended;
    fails(end);
    assert.equal(end.code, 130);
  });

  it("continues, and ends when the Pulumi CLI is killed before Azure's response about the new service", async () => {
    const up = await checkout.upUntil("arm", SERVICE_POLLED);
    process.kill(checkout.enginePid, "SIGKILL");
    assert.equal((await up.ended).code, 137);
  });

  it("continues, and ends when everything is killed at once, as when the machine stops", async () => {
    const up = await checkout.upUntil("dps-service", "EnrollmentGroup_CreateOrUpdate");
    for (const { pid } of checkout.processes()) if (pid !== up.child.pid) process.kill(pid, "SIGKILL");
    up.child.kill("SIGKILL");
    says(await up.ended);
  });

  it("continues, and fails when the local Azure is killed in a registration", async () => {
    await checkout.attachProviders(await checkout.env());
    const up = await checkout.upUntil("dps-device", "RuntimeRegistration_RegisterDevice");
    process.kill(checkout.ready.pid, "SIGKILL");
    const end = await up.ended;
    says(end);
    fails(end);
    assert.match(end.stdout, /Could not register/);
  });

  it("deploys everything in the next run, once", async () => {
    await checkout.assertUp();
    checkout.isAttached = false;
  });

  it("continues with `up` or `down` after two kills (-9) of the Pulumi CLI in `down`, and one of the plugin in `up`", async () => {
    // The hub and the service are deleted at the same time, the resource group after both.
    for (const operation of ["IotDpsResource_Delete", "ResourceGroups_Delete"]) {
      await checkout.hold("arm", operation, FOR_EVER);
      const down = checkout.begin("down");
      await checkout.held(down);
      process.kill(checkout.enginePid, "SIGKILL");
      const { code, stderr } = await down.ended;
      assert.notEqual(code, 0);
      assert.match(stderr, /The stack dev could not be destroyed\./);
    }
    // The plugin alone: the engine lives and records a failure, and no state has the service.
    const up = await checkout.upUntil("arm", SERVICE_POLLED);
    process.kill(checkout.pluginPid, "SIGKILL");
    fails(await up.ended);
    checkout.isAttached = true;
    await checkout.assertUp();
    await checkout.assertDown();
  });
});
