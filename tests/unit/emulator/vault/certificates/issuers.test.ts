import { strict as assert } from "node:assert";
import { expectStatus, type VaultHarness, vaultHarness } from "../../../../cast/vaultHarness";

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
type Body = any;

describe("issuers and contacts of a vault", () => {
  let harness: VaultHarness;
  beforeEach(async () => {
    harness = await vaultHarness();
  });
  afterEach(() => harness.close());

  const ok = (status: number, method: string, path: string, body?: unknown): Promise<Body> =>
    expectStatus(harness, status, method, path, body);
  const path = "/certificates/issuers/digi";

  it("keeps an issuer, without its password, changes and deletes it", async () => {
    const set = await ok(200, "PUT", path, {
      provider: "DigiCert",
      credentials: { account_id: "a-1", pwd: "hidden-word" },
      org_details: { id: "o-1" },
    });
    assert.deepEqual(set, {
      id: "https://vault-1.vault.azure.net/certificates/issuers/digi",
      provider: "DigiCert",
      credentials: { account_id: "a-1" },
      org_details: { id: "o-1" },
      attributes: { enabled: true, created: 1_772_366_400, updated: 1_772_366_400 },
    });
    assert.ok(!JSON.stringify(harness.services.database.all("SELECT * FROM vault_setting")).includes("hidden-word"));
    harness.services.clock.advance(3);
    const changed = await ok(200, "PATCH", path, { attributes: { enabled: false } });
    assert.deepEqual(changed.attributes, { enabled: false, created: 1_772_366_400, updated: 1_772_366_403 });
    assert.deepEqual([changed.provider, changed.credentials], ["DigiCert", { account_id: "a-1" }]);
    assert.deepEqual(await ok(200, "GET", path), changed);
    assert.deepEqual((await ok(200, "GET", "/certificates/issuers")).value, [{ id: changed.id, provider: "DigiCert" }]);
    assert.deepEqual(await ok(200, "DELETE", path), changed);
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const { error } = await ok(404, method, path, method === "PATCH" ? {} : undefined);
      assert.deepEqual([error.code, error.message], ["CertificateIssuerNotFound", "Issuer not found"]);
    }
  });

  it("refuses an issuer without a provider, and refuses to issue as not emulated", async () => {
    assert.match((await ok(400, "PUT", path, {})).error.message, /^Property provider must/);
    await ok(200, "PUT", path, { provider: "DigiCert" });
    const policy = { issuer: { name: "digi" }, x509_props: { subject: "CN=a" } };
    const { error } = await ok(501, "POST", "/certificates/c/create", { policy });
    assert.equal(error.code, "NotEmulated");
    assert.match(error.message, /the certificate authority behind the issuer 'digi'/);
  });

  it("keeps contacts", async () => {
    assert.deepEqual((await ok(404, "GET", "/certificates/contacts")).error, {
      code: "ContactsNotFound",
      message: "Contacts not found",
    });
    const contacts = [{ email: "a@b.example", name: "A", phone: "1" }, { email: "c@d.example" }];
    const kept = await ok(200, "PUT", "/certificates/contacts", { contacts });
    assert.deepEqual(kept, { id: "https://vault-1.vault.azure.net/certificates/contacts", contacts });
    assert.deepEqual(await ok(200, "GET", "/certificates/contacts"), kept);
    assert.deepEqual(await ok(200, "DELETE", "/certificates/contacts"), kept);
    assert.equal((await ok(404, "DELETE", "/certificates/contacts")).error.code, "ContactsNotFound");
    for (const body of [{}, { contacts: [] }, { contacts: [{ name: "A" }] }]) {
      assert.equal((await ok(400, "PUT", "/certificates/contacts", body)).error.code, "BadParameter");
    }
  });
});
