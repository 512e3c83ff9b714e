import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openApplication } from "../../../../emulator/entra/application";
import { openIdentity } from "../../../../emulator/entra/applicationIdentity";
import { openSigningKey } from "../../../../emulator/entra/signingKey";
import { openTenant } from "../../../../emulator/entra/tenant";
import { openAuthority } from "../../../../emulator/front/authority";
import { openStorageSetting } from "../../../../emulator/front/azurite";
import { clientIdentity } from "../../../cast/entraHarness";

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("what Entra keeps in the state folder", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "entra-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string) => join(folder, name);

  it("is the tenant, created once", () => {
    const made = openTenant(folder);
    const { clientSecret, ...ids } = made;
    assert.deepEqual(Object.keys(ids).sort(), ["clientId", "objectId", "subscriptionId", "tenantId"]);
    for (const id of Object.values(ids)) assert.match(id, GUID);
    assert.equal(new Set(Object.values(ids)).size, 4);
    assert.match(clientSecret, /^lz~8Q~[A-Za-z0-9_-]{34}$/);
    assert.deepEqual(openTenant(folder), made);
  });

  it("is refused where it is not a complete tenant, with the file's name and the remedy", () => {
    const made = openTenant(folder);
    const broken = Object.keys(made).map((name) => ({ ...made, [name]: undefined }));
    for (const text of ["{", "null", "5", ...broken.map((each) => JSON.stringify(each))]) {
      writeFileSync(file("tenant.json"), text);
      assert.throws(() => openTenant(folder), /tenant\.json is damaged: .*To fix: restore/s, text);
    }
  });

  it("is the signing key, created once for each name", () => {
    const [key, other] = [openSigningKey(folder), openSigningKey(folder, "issuer-key.pem")];
    assert.notEqual(key.kid, other.kid);
    assert.deepEqual([openSigningKey(folder).kid, openSigningKey(folder, "issuer-key.pem").kid], [key.kid, other.kid]);
  });

  it("is the application's credentials after the last change", async () => {
    const federatedCredentials = [{ name: "n", issuer: "https://i", subject: "s", audience: "a" }];
    const application = openApplication(folder);
    assert.deepEqual(
      application.federatedCredentials.map(({ name }) => name),
      ["github-main"],
    );
    application.set({ federatedCredentials });
    assert.deepEqual(openApplication(folder).federatedCredentials, federatedCredentials);
    const { certificate } = await clientIdentity();
    application.register(String(certificate));
    application.register(String(certificate));
    assert.deepEqual(openApplication(folder).certificates.map(String), [String(certificate)]);
    assert.deepEqual(openApplication(folder).federatedCredentials, federatedCredentials);
    writeFileSync(file("application.json"), "{");
    assert.throws(() => openApplication(folder), /application\.json is damaged: .* To fix: delete it/);
  });

  it("names every other file that is damaged, with the remedy", async () => {
    assert.ok((await openIdentity(folder)).issuerKey);
    openSigningKey(folder);
    await openAuthority(folder);
    const stored = readFileSync(file("ca-key.pem"), "utf8");
    const openers: [string, string, () => unknown][] = [
      ["token-key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA", () => openSigningKey(folder)],
      ["issuer-key.pem", "", () => openIdentity(folder)],
      ["client-certificate.pem", "-----BEGIN CERTIFICATE-----", () => openIdentity(folder)],
      ["storage.json", "{", () => openStorageSetting(folder)],
      ["storage.json", '{"azurite":"http://example.com"}', () => openStorageSetting(folder)],
      ["ca-key.pem", "x", () => openAuthority(folder)],
      ["ca.pem", "x", () => openAuthority(folder)],
    ];
    for (const [name, text, open] of openers) {
      const before = name === "storage.json" ? undefined : readFileSync(file(name), "utf8");
      writeFileSync(file(name), text);
      const message = new RegExp(`${name.replace(".", "\\.")} is damaged: .*To fix: delete`);
      await assert.rejects(async () => open(), { name: "StateFolderError", message }, name);
      if (before !== undefined) writeFileSync(file(name), before);
    }
    const other = join(folder, "other");
    await openAuthority(other);
    writeFileSync(file("ca-key.pem"), readFileSync(join(other, "ca-key.pem")));
    await assert.rejects(openAuthority(folder), /another key/);
    writeFileSync(file("ca-key.pem"), stored);
    await openAuthority(folder);
  });

  it("is an identity: a secret, a key of the other provider and a registered certificate, readable by the owner only", async () => {
    const made = await openIdentity(folder);
    assert.match(made.identitySecret, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(made.clientCertificateFile, file("client-certificate.pem"));
    const pem = readFileSync(made.clientCertificateFile, "utf8");
    assert.match(pem, /^-----BEGIN PRIVATE KEY-----/);
    const certificate = new X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE-----")));
    assert.ok(Date.parse(certificate.validTo) - Date.now() > 3649 * 86_400_000, "ten years");
    assert.ok(!readdirSync(folder).includes("issuer-key.pem"), "it is made at its first use");
    const { kid } = made.issuerKey;
    const again = await openIdentity(folder);
    assert.deepEqual(
      [again.identitySecret, again.issuerKey.kid, again.application.certificates.map(String)],
      [made.identitySecret, kid, [String(certificate)]],
    );
    const names = readdirSync(folder);
    assert.deepEqual(names.sort(), ["application.json", "client-certificate.pem", "identity-secret", "issuer-key.pem"]);
    for (const name of names) assert.equal(statSync(file(name)).mode & 0o777, 0o600, name);
  });
});
