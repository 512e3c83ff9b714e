import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { HOOK } from "../../bench/environment/processes";
import { azureClient } from "../cast/azureClient";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";

const ROOT = join(__dirname, "..", "..");
const GROUP = "/resourcegroups/rg-process";

describe("the local Azure's process", () => {
  let azure: LaunchedAzure;

  before(async () => {
    azure = await launchTestAzure();
  });

  after(() => azure.close());

  const curl = (...args: string[]) => spawnSync("curl", ["-sS", ...args], { env: azure.env, encoding: "utf8" });

  function token(): string {
    const { tenantId, clientId, clientSecret } = azure.ready;
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    const fields = Object.entries({ ...form, scope: "https://management.azure.com/.default" });
    const data = fields.flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]);
    const response = curl(...data, `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`);
    return JSON.parse(response.stdout).access_token;
  }

  it("serves curl with nothing but the environment", () => {
    const url = `https://management.azure.com/subscriptions/${azure.ready.subscriptionId}${GROUP}?api-version=2024-03-01`;
    const headers = ["-H", `Authorization: Bearer ${token()}`, "-H", "Content-Type: application/json"];
    const body = '{"location":"westeurope"}';
    const put = curl("-X", "PUT", ...headers, "-d", body, "-w", " %{http_code}", url);
    assert.match(put.stdout, /"name":"rg-process".* 201$/);
    const explicit = curl("--proxy", azure.ready.proxyUrl, ...headers, "-o", "/dev/null", "-w", "%{http_code}", url);
    assert.equal(explicit.stdout, "200");
  });

  it("serves the metadata that az and azure-native read at its own address, without a proxy", () => {
    const { metadataHost } = azure.ready;
    const response = curl(`https://${metadataHost}/metadata/endpoints?api-version=2022-09-01`);
    assert.equal(response.status, 0, response.stderr);
    const cloud = JSON.parse(response.stdout);
    assert.equal(cloud.resourceManager, `https://${metadataHost}/`);
    assert.equal(cloud.authentication.loginEndpoint, `https://${metadataHost}/`);
    assert.equal(cloud.authentication.audiences[0], "https://management.core.windows.net/");
    assert.equal(cloud.suffixes.keyVaultDns, "vault.azure.net");
  });

  it("refuses every host that is not Azure's, and opens no outgoing connection", async () => {
    const response = curl("-i", "https://example.com/");
    assert.equal(response.status, 56);
    assert.match(response.stdout, /^HTTP\/1\.1 403 Forbidden/);
    await azure.printed(/"target":"example\.com:443".*"refused"/);
  });

  it("logs a client that does not trust its CA", async () => {
    const bundle = join(azure.directory, "stranger.pem");
    writeFileSync(bundle, `${rootCertificates[0]}\n`);
    const response = curl("--cacert", bundle, "https://management.azure.com/");
    assert.equal(response.status, 60);
    await azure.printed(/"host":"management\.azure\.com","reason":"[^"]*unknown ca[^"]*","msg":"TLS failed"/i);
  });

  it("logs the exact reason of a refusal, which the response has in a header", async () => {
    const url =
      "https://global.azure-devices-provisioning.net/0ne00000000/registrations/a/register?api-version=2021-06-01";
    const sas = "Authorization: SharedAccessSignature sr=a&sig=a&se=1";
    const response = curl("-i", "-X", "PUT", "-H", sas, "-H", "Content-Type: application/json", "-d", "{}", url);
    const [, reason = "none"] = /^x-local-azure-reason: (.*)\r$/m.exec(response.stdout) ?? [];
    assert.match(response.stdout, /^HTTP\/1\.1 40[14]/m);
    await azure.printed(new RegExp(`"path":"/0ne00000000/[^\n]*"reason":"${reason.replace(/[^\w ]/g, ".")}"`));
  });

  it("refuses a second instance on the same folder, and names the first", () => {
    const main = ["-r", HOOK, join(ROOT, "emulator", "main.ts"), "--dir", azure.directory];
    const second = spawnSync(process.execPath, main, { cwd: ROOT, encoding: "utf8" });
    assert.equal(second.status, 1);
    assert.match(second.stderr, new RegExp(`^Another local Azure \\(process ${azure.ready.pid}\\) already runs on `));
    assert.ok(existsSync(join(azure.directory, "ready.json")));
  });

  it("keeps what it acknowledged after kill -9, with the same ports and valid tokens", async () => {
    const client = azureClient(azure.ready);
    const path = `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-process`;
    await client.arm("PUT", GROUP, { body: { location: "westeurope" } });
    const put = await client.arm("PUT", path, { body: { location: "westeurope", sku: { name: "S1", capacity: 1 } } });
    assert.equal(put.status, 201);
    const keys = await client.arm("POST", `${path}/listkeys`);
    const before = azure.ready;
    await azure.kill();
    await client.close();
    await azure.restart();
    const { pid, controlToken, ...same } = azure.ready;
    assert.notEqual(pid, before.pid);
    assert.notEqual(controlToken, before.controlToken);
    assert.deepEqual({ ...same, pid: before.pid, controlToken: before.controlToken }, before);
    const again = azureClient(azure.ready);
    assert.deepEqual((await again.arm("POST", `${path}/listkeys`)).body, keys.body);
    const poll = await again.send("GET", String(put.headers["azure-asyncoperation"]));
    assert.equal((poll.body as { status: string }).status, "Succeeded");
    await again.close();
  });

  it("keeps secrets from other users of the machine", () => {
    for (const file of ["ready.json", "tenant.json", "token-key.pem", "ca/ca-key.pem"]) {
      assert.equal(statSync(join(azure.directory, file)).mode & 0o777, 0o600, file);
    }
    assert.equal(statSync(azure.directory).mode & 0o077, 0);
  });

  it("names a port that another program uses, and the remedy", async () => {
    const port = Number(new URL(azure.ready.controlUrl).port);
    await azure.kill();
    const thief = createServer().listen(port, "127.0.0.1");
    try {
      await assert.rejects(azure.restart(), (error: Error) => {
        assert.match(error.message, new RegExp(`EADDRINUSE: address already in use 127\\.0\\.0\\.1:${port}\\.`));
        assert.match(error.message, /To fix: .*ports\.json/);
        return true;
      });
    } finally {
      await new Promise((done) => thief.close(done));
    }
    await azure.restart();
  });

  it("empties itself on reset, ends on shutdown and removes ready.json", async () => {
    const client = azureClient(azure.ready);
    await client.arm("PUT", GROUP, { body: { location: "westeurope" } });
    assert.equal((await azure.control("POST", "/reset")).status, 204);
    assert.equal((await client.arm("GET", GROUP)).status, 404);
    await client.close();
    assert.equal((await azure.control("POST", "/shutdown")).status, 202);
    await azure.ended();
    assert.ok(!existsSync(join(azure.directory, "ready.json")));
    await azure.restart();
  });
});
