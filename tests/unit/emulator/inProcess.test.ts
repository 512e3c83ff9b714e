import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative } from "node:path";
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

  it("names its files by absolute paths in a relative folder, for clients in other folders", async () => {
    const folder = mkdtempSync(join(tmpdir(), "relative-"));
    const other = await start({ directory: relative(process.cwd(), folder) });
    await other.stop();
    rmSync(folder, { recursive: true, force: true });
    const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE } = other.environment;
    for (const file of [NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE]) {
      assert.ok(isAbsolute(file ?? ""), file);
    }
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
