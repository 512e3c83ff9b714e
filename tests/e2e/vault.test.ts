import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { HOOK } from "../../bench/environment/processes";
import { type AzureClient, azureClient } from "../cast/azureClient";
import { curl } from "../cast/curl";
import { type LaunchedAzure, launchTestAzure } from "../cast/launchedAzure";

const VAULT = "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/e2e-vault";
const HOST = "https://e2e-vault.vault.azure.net";
const ROOT = resolve(__dirname, "../..");

describe("Key Vault of the local Azure as a process", () => {
  let azure: LaunchedAzure;
  let client: AzureClient;

  before(async () => {
    azure = await launchTestAzure();
    client = azureClient(azure.ready);
    const { tenantId, objectId } = azure.ready;
    const body = { location: "westeurope" };
    assert.equal((await client.arm("PUT", "/resourceGroups/rg", { body })).status, 201);
    const all = ["all", "purge"];
    const permissions = {
      keys: [...all, "rotate", "getrotationpolicy", "setrotationpolicy"],
      secrets: all,
      certificates: all,
    };
    const made = await client.arm("PUT", VAULT, {
      body: {
        ...body,
        properties: {
          tenantId,
          sku: { family: "A", name: "standard" },
          accessPolicies: [{ tenantId, objectId, permissions }],
        },
      },
    });
    assert.equal(made.status, 200, JSON.stringify(made.body));
  });

  after(async () => {
    await client?.close();
    await azure?.close();
  });

  const run = (...args: string[]) => curl(["-i", ...args], { env: azure.env, cwd: azure.directory });

  it("follows the protocol by hand: challenge, sign-in, then the secret", async () => {
    const url = `${HOST}/secrets/by-hand?api-version=7.4`;
    const refused = await run(url);
    assert.equal(refused.status, 401);
    const challenge = refused.headers["www-authenticate"] ?? "";
    const [, authority, resource] = /^Bearer authorization="([^"]+)", resource="([^"]+)"$/.exec(challenge) ?? [];
    assert.ok(authority && resource, challenge);
    const { clientId, clientSecret } = azure.ready;
    const form = ["grant_type=client_credentials", `client_id=${clientId}`, `scope=${resource}/.default`];
    const signIn = [...form, `client_secret=${clientSecret}`].flatMap((field) => ["--data-urlencode", field]);
    const token = await run("-X", "POST", `${authority}/oauth2/v2.0/token`, ...signIn);
    assert.equal(token.status, 200, token.text);
    const signed = ["-H", `Authorization: Bearer ${token.body.access_token}`];
    const json = ["-H", "Content-Type: application/json", "-d", '{"value":"hunter2-by-hand"}'];
    assert.equal((await run("-X", "PUT", ...signed, ...json, url)).status, 200);
    const read = await run(...signed, url);
    assert.equal(read.body.value, "hunter2-by-hand");
    // Document 004: clients without the verb DELETE say it in a header of a POST with an empty body.
    const removed = await run("-X", "POST", "-H", "X-HTTP-METHOD: DELETE", ...signed, "-d", "", url);
    assert.equal(removed.status, 200, removed.text);
    assert.match(removed.body.recoveryId, /\/deletedsecrets\/by-hand$/);
  });

  it("serves @azure/keyvault-secrets with @azure/identity, unmodified, through a secret's whole life", () => {
    const program = join(ROOT, "tests", "cast", "secretsTour.ts");
    const child = spawnSync(process.execPath, ["-r", HOOK, program, "e2e-vault"], {
      cwd: ROOT,
      env: azure.env,
      encoding: "utf8",
    });
    assert.equal(child.status, 0, `${child.stderr}\n${azure.log()}`);
    const { inTheWay, gone, disabled, badName, noVault, ...seen } = JSON.parse(child.stdout);
    assert.deepEqual(seen, {
      made: { value: "correct-horse", contentType: "text/plain", tags: { made: "sdk" } },
      first: "correct-horse",
      read: { value: "battery-staple", expiresOn: "2030-01-01T00:00:00.000Z" },
      updated: { changed: "yes" },
      listed: 31,
      versions: 2,
      deleted: { name: "tour-one", recoveryId: `${HOST}/deletedsecrets/tour-one`, purged: true },
      trash: ["by-hand", "tour-one"],
      recovered: "tour-one",
      back: "battery-staple",
      restored: "tour-one",
      afterRestore: "battery-staple",
    });
    assert.deepEqual([inTheWay.statusCode, inTheWay.code], [409, "Conflict"]);
    assert.deepEqual([gone.statusCode, gone.code], [404, "SecretNotFound"]);
    assert.deepEqual([disabled.statusCode, disabled.code], [403, "Forbidden"]);
    assert.deepEqual([badName.statusCode, badName.code], [400, "BadParameter"]);
    assert.deepEqual([noVault.statusCode, noVault.code], [421, "VaultNotFound"]);
  });

  it("serves @azure/keyvault-keys and @azure/keyvault-certificates, unmodified", () => {
    const program = join(ROOT, "tests", "cast", "keysTour.ts");
    const child = spawnSync(process.execPath, ["-r", HOOK, program, "e2e-vault"], {
      cwd: ROOT,
      env: azure.env,
      encoding: "utf8",
    });
    assert.equal(child.status, 0, `${child.stderr}\n${azure.log()}`);
    const { keys, certificates } = JSON.parse(child.stdout);
    const { wrongAlgorithm, disabled, inTheWay, gone, symmetric, hardware, ...used } = keys;
    assert.deepEqual(used, {
      ca: { type: "EC", ops: ["sign", "verify"], tags: { made: "sdk" }, exportable: false },
      signed: [true, true],
      verified: true,
      opened: "to be opened in the vault",
      unwrapped: true,
      pss: true,
      imported: ["P-384", true, true],
      rotated: true,
      policy: [
        "P1Y",
        [
          { action: "Rotate", timeAfterCreate: "P6M" },
          { action: "Notify", timeBeforeExpiry: "P30D" },
        ],
      ],
      deleted: `${HOST}/deletedkeys/taken`,
      restored: true,
      listed: 3,
      versions: 2,
    });
    assert.match(wrongAlgorithm.message, /incompatible|not supported/i);
    assert.deepEqual([disabled.statusCode, disabled.code], [403, "Forbidden"]);
    assert.deepEqual([inTheWay.statusCode, inTheWay.code], [409, "Conflict"]);
    assert.deepEqual([gone.statusCode, gone.code], [404, "KeyNotFound"]);
    assert.deepEqual([symmetric.statusCode, symmetric.code], [400, "BadParameter"]);
    assert.equal(hardware.message, "Hardware key operation not allowed on standard vault");
    const { twice, stranger, fromIssuer, gone: noCertificate, ...made } = certificates;
    assert.deepEqual(made, {
      self: ["O=Contoso\nCN=self-signed", "DNS:self.example", true, true],
      merged: true,
      months: 3,
      contacts: [{ email: "a@b.example", name: "A" }],
      issuer: "account",
      deleted: `${HOST}/deletedcertificates/self`,
      restored: true,
      listed: 2,
    });
    assert.deepEqual([twice.statusCode, twice.code], [409, "Forbidden"]);
    assert.match(stranger.message, /^The public key of the end-entity certificate/);
    assert.deepEqual([fromIssuer.statusCode, fromIssuer.code], [501, "NotEmulated"]);
    assert.deepEqual([noCertificate.statusCode, noCertificate.code], [404, "CertificateNotFound"]);
  });

  it("keeps secrets and keys through a kill, and out of every file and of the log", async () => {
    const taken = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const jwk = taken.privateKey.export({ format: "jwk" });
    const before = await client.token("https://vault.azure.net/.default");
    const put = await client.send("PUT", `${HOST}/keys/kept?api-version=7.4`, { bearer: before, body: { key: jwk } });
    assert.equal(put.status, 200, JSON.stringify(put.body));
    await azure.kill();
    await azure.restart();
    await client.close();
    client = azureClient(azure.ready);
    const bearer = await client.token("https://vault.azure.net/.default");
    const { body } = await client.send("GET", `${HOST}/secrets/tour-one?api-version=7.4`, { bearer });
    assert.equal((body as { value: string }).value, "battery-staple");
    const value = createHash("sha256").update("data").digest("base64url");
    const sign = { bearer, body: { alg: "ES256", value } };
    const signed = await client.send("POST", `${HOST}/keys/kept/sign?api-version=7.4`, sign);
    const signature = Buffer.from((signed.body as { value: string }).value, "base64url");
    const judged = { key: taken.publicKey, dsaEncoding: "ieee-p1363" } as const;
    assert.ok(verify("sha256", Buffer.from("data"), judged, signature), "the key goes on from its sealed form");
    const d = Buffer.from(jwk.d ?? "", "base64url");
    const spelled = [d, ...(["base64url", "base64", "hex"] as const).map((form) => Buffer.from(d.toString(form)))];
    const files = readdirSync(azure.directory, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    const texts = files.map((each) => readFileSync(join(each.parentPath, each.name)));
    for (const secret of ["battery-staple", "correct-horse", "hunter2-by-hand"]) {
      assert.ok(!azure.log().includes(secret), secret);
      for (const text of texts) assert.ok(!text.includes(secret), secret);
    }
    for (const spelling of spelled) {
      assert.ok(!azure.log().includes(spelling.toString()), "the private key is in the log");
      for (const text of texts) assert.ok(!text.includes(spelling), "the private key is in a file");
    }
    assert.ok(
      texts.some((text) => text.includes("tour-one")),
      "names are in the clear, so the test looks where things are",
    );
  });
});
