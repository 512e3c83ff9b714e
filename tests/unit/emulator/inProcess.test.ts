import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type RunningAzure, start } from "../../../emulator/inProcess";

describe("a local Azure in the process of a test", () => {
  let azure: RunningAzure;

  before(async () => {
    azure = await start();
  });
  after(() => azure?.stop());

  it("points clients at itself, with a service principal under both names", () => {
    const { environment, ready } = azure;
    assert.equal(environment.HTTPS_PROXY, ready.proxyUrl);
    assert.deepEqual([environment.ARM_CLIENT_ID, environment.AZURE_CLIENT_ID], [ready.clientId, ready.clientId]);
    const bundle = readFileSync(environment.SSL_CERT_FILE ?? "", "utf8");
    assert.ok(bundle.includes(readFileSync(ready.caFile, "utf8")));
    assert.ok(bundle.length > 100_000, "the public roots are in it, too");
  });

  it("takes faults and a clock, and refuses a fault that nothing can hit", async () => {
    await azure.setFaults([{ service: "arm", status: 503 }]);
    await assert.rejects(azure.setFaults([{ service: "none", status: 503 }]), /refuses POST \/faults: .*none/);
    await azure.shiftClock(86_400);
    await assert.rejects(azure.shiftClock(Number.NaN), /offsetSeconds/);
    await azure.reset();
    await assert.rejects(azure.telemetry("none"), /HubNotFound/);
  });

  it("removes its temporary folder at its end, and can be stopped twice", async () => {
    const folder = dirname(dirname(azure.ready.caFile));
    assert.ok(existsSync(folder));
    await azure.stop();
    await azure.stop();
    assert.ok(!existsSync(folder));
  });
});
