// Written by UPDATE_DOCS=1 npx mocha --grep ^docs, from docs/local-azure/device-tests.md.
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type RunningAzure, start } from "../../emulator/inProcess";

describe("the device", function () {
  this.timeout(30_000);
  let azure: RunningAzure;
  let idScope: string;

  before(async () => {
    azure = await start();
    const hub = await azure.createHub("plants-hub");
    ({ idScope } = await azure.createProvisioningService("plants-dps", hub));
  });
  after(() => azure.stop());

  it("sends its temperature", async () => {
    const provisioning = { PROVISIONING_HOST: "global.azure-devices-provisioning.net", PROVISIONING_IDSCOPE: idScope };
    const env = { ...process.env, ...azure.environment, ...provisioning };
    await promisify(execFile)("./device", { env });
    const [event] = await azure.telemetry("plants-hub", { deviceId: "press-01" });
    assert.ok(event);
  });
});
