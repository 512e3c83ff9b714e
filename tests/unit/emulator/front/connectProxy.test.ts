import assert from "node:assert/strict";
import { request } from "node:http";
import { type FrontHarness, frontHarness } from "../../../cast/frontHarness";

describe("the CONNECT proxy", () => {
  let harness: FrontHarness;

  before(async () => {
    harness = await frontHarness((_request, response) => response.end("here"));
  });

  after(() => harness.close());

  for (const target of [
    "management.azure.com:443",
    "MANAGEMENT.azure.com:443",
    "login.microsoftonline.com:443",
    "login.windows.net:443",
    "graph.microsoft.com:443",
    "global.azure-devices-provisioning.net:443",
    "dps-1.azure-devices-provisioning.net:443",
    "hub-1.azure-devices.net:443",
    "vault-1.vault.azure.net:443",
  ]) {
    it(`opens a tunnel to ${target}`, async () => {
      const { socket, head } = await harness.tunnel(target);
      assert.match(head, /^HTTP\/1\.1 200 /);
      socket.destroy();
    });
  }

  for (const target of [
    "example.com:443",
    "azure-devices.net:443",
    "a.b.azure-devices.net:443",
    "hub-1.azure-devices.net.example.com:443",
    "xmanagement.azure.com:443",
    "beta.graph.microsoft.com:443",
    "169.254.169.254:443",
    "constructor:443",
    "__proto__:443",
    "management.azure.com",
    "management.azure.com:443/x",
  ]) {
    it(`refuses ${target} with 403 and the reason, and opens nothing`, async () => {
      const { socket, head } = await harness.tunnel(target);
      assert.match(head, /^HTTP\/1\.1 403 Forbidden\r\n/);
      assert.match(head, /Azure's own names only.*NO_PROXY/);
      assert.ok(harness.refused.includes(target));
      socket.destroy();
    });
  }

  it("opens a tunnel for MQTT on device hosts", async () => {
    const { socket, head } = await harness.tunnel("hub-1.azure-devices.net:8883");
    assert.match(head, /^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  for (const [target, served] of [
    ["hub-1.azure-devices.net:5671", "ports 443 and 8883"],
    ["management.azure.com:8883", "port 443"],
  ] as const) {
    it(`refuses ${target} with 501`, async () => {
      const { socket, head } = await harness.tunnel(target);
      assert.match(head, /^HTTP\/1\.1 501 Not Implemented\r\n/);
      assert.match(head, new RegExp(`NotEmulated: .* ${served} of .*, not port ${target.split(":")[1]}`));
      socket.destroy();
    });
  }

  it("refuses Managed HSM as not emulated, and names the alternative", async () => {
    const { socket, head } = await harness.tunnel("my-hsm.managedhsm.azure.net:443");
    assert.match(head, /^HTTP\/1\.1 501 Not Implemented\r\n/);
    assert.match(head, /NotEmulated: .* does not emulate Managed HSM.* Use a key vault \(NAME\.vault\.azure\.net\)/);
    socket.destroy();
  });

  const plain = (path: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const call = request({ host: "127.0.0.1", port: harness.proxyPort, path, agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += String(chunk);
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      call.on("error", reject);
      call.end();
    });

  it("refuses plain HTTP, to Azure's names and to any other", async () => {
    const azure = await plain("http://management.azure.com/subscriptions");
    assert.equal(azure.status, 403);
    assert.match(azure.text, /require TLS: use https:\/\/management\.azure\.com/);
    const other = await plain("http://example.com/");
    assert.equal(other.status, 403);
    assert.match(other.text, /forwards nothing/);
  });
});
