import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:net";
import { rootCertificates } from "node:tls";
import { tokenClaims } from "../../../azure/wire/tokenClaims";
import { issueRoot } from "../../../certs/issue";
import { localAzureHint, parseConfiguration } from "../../../cli/commands/doctor";
import { type Commands, liveContext, signInMethod } from "../../../doctor/liveContext";
import { isExempt, isPublic, probe } from "../../../doctor/tlsProbe";
import { newSigner, stoppedClock } from "../../cast/certs";
import { matchEach } from "../../cast/matchEach";

const LOCAL = { ZERO_TOUCH_CLOUD: "local" };

function commands(values: Readonly<Record<string, string>> | Error): Commands {
  return {
    project: "p",
    pulumi: async () => ({ version: undefined, notes: [] }),
    go: async () => undefined,
    localAzure: () => undefined,
    async configuration() {
      if (values instanceof Error) throw values;
      return { stack: "dev", values };
    },
  };
}

describe("the doctor's view of a stack", () => {
  it("names the missing backend, and not the token that the CLI asks for", async () => {
    const error = new Error("error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions");
    const stack = await liveContext({}, commands(error)).stack();
    assert.ok("findings" in stack);
    assert.match(stack.findings[0]?.message ?? "", /Pulumi is not logged in to a backend$/);
  });

  it("says first how to check the local Azure, where it runs and the shell does not point at it", () => {
    const localAzure = () => 7;
    assert.match(localAzureHint({ env: {}, localAzure }), /eval "\$\(npm run -s env\)" and then npm run doctor/);
    assert.equal(localAzureHint({ env: LOCAL, localAzure }), "");
    assert.equal(localAzureHint({ env: {}, localAzure: () => undefined }), "");
  });

  it("is its plan, if the configuration has no error", async () => {
    const values = {
      "p:cloud": "local",
      "azure-native:location": "westeurope",
      "p:hubName": "hub-1",
      "p:hubSku": "F1",
    };
    const stack = await liveContext(LOCAL, commands(values)).stack();
    assert.ok("plan" in stack, JSON.stringify(stack));
    assert.deepEqual(
      [stack.name, stack.plan.hub, stack.plan.hubSku, stack.plan.vault],
      ["dev", "hub-1", "F1", undefined],
    );
    const vaulted = { ...values, "p:caKeys": "keyVault", "p:keyVaultName": "kv-1" };
    const other = await liveContext(LOCAL, commands(vaulted)).stack();
    assert.deepEqual("plan" in other ? other.plan.vault : undefined, { name: "kv-1" });
    const existing = { ...values, "p:caKeys": "keyVault", "p:keyVaultUri": "https://kv-1.vault.azure.net" };
    const third = await liveContext(LOCAL, commands(existing)).stack();
    assert.ok("plan" in third);
    assert.equal(third.plan.vault, undefined, "nothing is made, and no rights are asked for");
  });

  it("is every error of the configuration", async () => {
    const stack = await liveContext({}, commands({ "p:cloud": "local", "p:hubUnits": "500" })).stack();
    assert.ok("findings" in stack);
    assert.deepEqual(stack.findings.map(({ level, message }) => `${level} ${message.split(" ")[0]}`).sort(), [
      "fail azure-native:location",
      "fail cloud",
      "fail hubUnits",
    ]);
  });

  it("is a warning if there is no configuration", async () => {
    const stack = await liveContext({}, commands(new Error("error: no stack selected\nmore"))).stack();
    assert.ok("findings" in stack);
    matchEach(
      stack.findings.map(({ level, message }) => `${level}: ${message}`),
      /^warn: .*configuration was read: error: no stack selected$/,
    );
  });

  it("is a failure if the named stack does not exist", async () => {
    const stack = await liveContext({}, commands(new Error("error: no stack named 'prod' found"))).stack();
    assert.ok("findings" in stack);
    matchEach(
      stack.findings.map(({ level, message }) => `${level}: ${message}`),
      /^fail: .*configuration was read: error: no stack named 'prod' found$/,
    );
  });

  it("reads what `pulumi config --json` writes", () => {
    const text = JSON.stringify({
      "p:hubName": { value: "hub-1", secret: false },
      "p:tags": { value: '["a=b"]', secret: false, objectValue: ["a=b"] },
      "p:password": { secret: true },
    });
    assert.deepEqual(parseConfiguration(text), { "p:hubName": "hub-1", "p:tags": '["a=b"]' });
  });
});

describe("the doctor's view of a sign-in", () => {
  const token = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;

  it("is what the token claims, and nothing when it is no token", () => {
    assert.deepEqual(tokenClaims(token({ tid: "t" })), { tid: "t" });
    for (const text of ["", "opaque", "a.b.c", token([])]) assert.equal(tokenClaims(text), undefined);
  });

  it("names the sign-in method", () => {
    const principal = { ARM_TENANT_ID: "t", ARM_CLIENT_ID: "c" };
    assert.equal(signInMethod({ ...principal, ARM_CLIENT_SECRET: "s" }, {}), "a client secret");
    assert.equal(signInMethod({ ...principal, ARM_CLIENT_CERTIFICATE_PATH: "f" }, {}), "a client certificate");
    assert.match(signInMethod({}, { upn: "me@example.com" }), /^az login or another developer tool, found by Default/);
    assert.match(signInMethod({}, { xms_mirid: "/subscriptions/x" }), /^a managed identity, /);
    assert.match(signInMethod({ AZURE_FEDERATED_TOKEN_FILE: "f" }, {}), /^a workload identity, /);
  });
});

describe("the doctor's view of TLS", () => {
  it("distinguishes public roots from others", async () => {
    const [first] = rootCertificates;
    assert.ok(isPublic(new X509Certificate(first ?? "")));
    const own = await issueRoot({ commonName: "Corp Proxy CA", signer: await newSigner(), clock: stoppedClock() });
    assert.ok(!isPublic(new X509Certificate(own.raw)));
  });

  it("heeds NO_PROXY: names, domains above, and the star", () => {
    assert.ok(isExempt("a.example.com", "localhost, .example.com"));
    assert.ok(isExempt("a.example.com", "example.com"));
    assert.ok(isExempt("a.example.com", "*"));
    assert.ok(!isExempt("badexample.com", "example.com"));
    assert.ok(!isExempt("a.example.com", ""));
  });

  describe("through a proxy", () => {
    let proxy: Server;
    let url: string;
    let response = "";

    before(async () => {
      proxy = createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", () => socket.end(response));
      });
      await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
      const address = proxy.address();
      url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    });

    after(() => proxy.close());

    it("reports an invalid address without quoting it", async () => {
      for (const HTTPS_PROXY of ["me:s3cr3t@proxy:8080", "proxy:8080", "http://"])
        assert.deepEqual(await probe("management.azure.com", 443, { HTTPS_PROXY }), {
          reached: false,
          why: "the proxy's address cannot be read",
        });
    });

    it("reports that the proxy refuses", async () => {
      response = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
      const probed = await probe("management.azure.com", 443, { HTTPS_PROXY: url });
      assert.equal(probed.reached, false);
      assert.match(probed.reached ? "" : probed.why, /^the proxy 127\.0\.0\.1:\d+ returned 403$/);
    });

    it("reports a peer without TLS", async () => {
      response = "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n";
      const probed = await probe("management.azure.com", 443, { https_proxy: url });
      assert.equal(probed.reached, false);
    });

    it("reports that nothing listens", async () => {
      const probed = await probe("localhost", 1, { NO_PROXY: "localhost", HTTPS_PROXY: url });
      assert.match(probed.reached ? "" : probed.why, /ECONNREFUSED/);
    });
  });
});
