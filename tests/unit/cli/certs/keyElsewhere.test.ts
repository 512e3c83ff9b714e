import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { readCertificates } from "../../../../certs/certificate";
import { issueIntermediate } from "../../../../certs/issue";
import { generateKeyPair } from "../../../../certs/keys";
import type { OpenKey } from "../../../../cli/certs/certsContext";
import { openVaultKey } from "../../../../cli/certs/vaultKey";
import { newHierarchy, stoppedClock } from "../../../cast/certs";
import { CertsCli } from "../../../cast/certsCli";
import { vaultHarness } from "../../../cast/vaultHarness";

const ADDRESS = "https://vault-1.vault.azure.net/keys/line";

describe("zero-touch certs with the issuer's key in a vault", () => {
  const cli = new CertsCli();
  let openKey: OpenKey;
  let close: () => Promise<void>;
  let isUp = true;
  const requested: string[] = [];
  const issuer = `--issuer line.pem@ --issuer-key ${ADDRESS}`;

  before(async () => {
    const harness = await vaultHarness();
    close = () => harness.close();
    await harness.vault("POST", "/keys/line/create", { kty: "EC", crv: "P-256" });
    await harness.vault("POST", "/keys/other/create", { kty: "EC", crv: "P-256" });
    const httpClient: HttpClient = {
      async sendRequest(request) {
        const { host, pathname, search } = new URL(request.url);
        if (!isUp && pathname.endsWith("/sign")) {
          const bodyAsText = '{"error":{"code":"Forbidden","message":"no","innererror":{"code":"KeyDisabled"}}}';
          return { request, status: 403, headers: createHttpHeaders(), bodyAsText };
        }
        requested.push(pathname.split("/").at(-1) ?? "");
        const headers = { ...request.headers.toJSON(), host };
        const body = typeof request.body === "string" ? request.body : undefined;
        const { status, body: given } = await harness.send(request.method, `${pathname}${search}`, body, headers);
        const bodyAsText = typeof given === "string" ? given : JSON.stringify(given);
        return { request, status, headers: createHttpHeaders(), bodyAsText };
      },
    };
    const credential = {
      getToken: async () => ({ token: harness.token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    openKey = (address, algorithm) => openVaultKey(address, algorithm, { httpClient, credential });
    const { publicKey } = await openKey(ADDRESS, (await generateKeyPair("EC-P256")).algorithm);
    const { root } = await newHierarchy();
    const line = await issueIntermediate({ commonName: "Line 1", publicKey, issuer: root, clock: stoppedClock() });
    writeFileSync(cli.path("line.pem"), line.toPem() + root.certificate.toPem());
  });

  beforeEach(() => {
    requested.length = 0;
    isUp = true;
  });

  after(async () => {
    cli.dispose();
    await close();
  });

  it("issues one device's certificate, and a proof of possession, by the vault's sign call", async () => {
    const one = await cli.run(`issue --id dev-1 --out dev.pem@ --key-out dev.key@ --no-passphrase ${issuer}`, {
      openKey,
    });
    assert.equal(one.code, 0, one.stderr);
    const [leaf, line] = readCertificates(readFileSync(cli.path("dev.pem")));
    assert.ok(leaf && line && leaf.isSignedBy(line.publicKey));
    assert.equal(requested.filter((part) => part === "sign").length, 1);
    const proof = await cli.run(`verification --code ${"75B8".repeat(12)} --out proof.pem@ ${issuer}`, { openKey });
    assert.equal(proof.code, 0, proof.stderr);
    const [shown] = readCertificates(readFileSync(cli.path("proof.pem")));
    assert.ok(shown?.isSignedBy(line.publicKey));
  });

  it("issues for many devices", async () => {
    const many = await cli.run(`issue --count 200 --out many@ ${issuer}`, { openKey });
    assert.equal(many.code, 0, many.stderr);
    assert.match(many.stdout, /200 devices issued/);
    assert.equal(requested.filter((part) => part === "sign").length, 200);
  });

  it("reports the vault's error, with the key's address", async () => {
    isUp = false;
    const one = await cli.run(`issue --id dev-2 --out d2.pem@ --key-out d2.key@ --no-passphrase ${issuer}`, {
      openKey,
    });
    assert.equal(one.code, 1);
    assert.match(one.stderr, /error \[keyElsewhere\]: https:\/\/vault-1\S+: Could not sign.*KeyDisabled.*pulumi up/s);
  });

  it("rejects a key that is not the issuer's, a missing key, and an invalid address", async () => {
    const errorOf = async (address: string, gateway: { openKey?: OpenKey } = { openKey }) => {
      const line = `issue --id dev-3 --out d3.pem@ --key-out d3.key@ --no-passphrase --issuer line.pem@ --issuer-key ${address}`;
      const { code, stderr: text } = await cli.run(line, gateway);
      assert.equal(code, 2, text);
      return text;
    };
    assert.match(await errorOf("https://vault-1.vault.azure.net/keys/other"), /is not the key of CN=Line 1/);
    assert.match(await errorOf("https://vault-1.vault.azure.net/keys/none"), /the vault has no such key/);
    assert.match(await errorOf("https://example.com/keys/line"), /is not the id of one of a vault's keys/);
    assert.match(await errorOf(ADDRESS, {}), /only keys in files/);
  });
});
