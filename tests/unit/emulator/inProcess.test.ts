import { strict as assert } from "node:assert";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative } from "node:path";
import { connect } from "node:tls";
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

  it("creates a hub and a provisioning service once, and keeps what was changed in them", async () => {
    const hub = await azure.createHub("plants-hub");
    assert.match(hub.connectionString, /^HostName=plants-hub\.azure-devices\.net;SharedAccessKeyName=iothubowner;/);
    const service = await azure.createProvisioningService("plants-dps", hub);
    assert.match(service.idScope, /^0ne[0-9A-F]{8}$/);
    assert.deepEqual(await azure.createHub("plants-hub"), hub);
    assert.deepEqual(await azure.createProvisioningService("plants-dps"), service);
    assert.deepEqual(await azure.telemetry("plants-hub"), []);
    await assert.rejects(azure.createHub("plants_hub!"), { name: "LocalRefusal", status: 400 });
  });

  it("does not start where another one has its port, and leaves nothing", async () => {
    const port = Number(new URL(azure.ready.proxyUrl).port);
    // Other tests make folders in the common one at the same time.
    const [common, own] = [process.env.TMPDIR, mkdtempSync(join(tmpdir(), "refused-"))];
    process.env.TMPDIR = own;
    try {
      await assert.rejects(start({ port }), {
        name: "PortTakenError",
        message: /EADDRINUSE.* To fix: end the program/,
      });
      await assert.rejects(start({ port: 70_000 }), { name: "RangeError", message: /70000.* To fix:/ });
      await assert.rejects(start({ publicHost: "http://azure" }), { name: "TypeError", message: /To fix: leave out/ });
      assert.deepEqual(readdirSync(own), []);
    } finally {
      if (common === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = common;
      rmSync(own, { recursive: true, force: true });
    }
  });

  it("listens for other machines only where asked to, at further TLS ports, too", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port: tlsPort } = holder.address() as AddressInfo;
    await new Promise((done) => holder.close(done));
    const open = await start({ host: "0.0.0.0", publicHost: "azure", tlsPorts: [tlsPort] });
    try {
      assert.match(open.ready.proxyUrl, /^http:\/\/azure:\d+$/);
      assert.equal(open.environment.NO_PROXY, "127.0.0.1,localhost,::1,azure");
      await open.createHub("far-hub");
      const { port } = new URL(open.ready.controlUrl);
      const events = await fetch(`http://127.0.0.1:${port}/hubs/far-hub/events`);
      assert.equal(events.status, 401);
      const host = "far-hub.azure-devices.net";
      const ca = readFileSync(open.ready.caFile);
      const socket = connect({ host: "127.0.0.1", port: tlsPort, servername: host, ca });
      await once(socket, "secureConnect");
      assert.equal(socket.getPeerCertificate().subject.CN, host);
      socket.destroy();
    } finally {
      await open.stop();
    }
  });

  it("removes its temporary folder at its end, and can be stopped twice", async () => {
    const folder = dirname(dirname(azure.ready.caFile));
    assert.ok(existsSync(folder));
    await azure.stop();
    await azure.stop();
    assert.ok(!existsSync(folder));
  });
});
