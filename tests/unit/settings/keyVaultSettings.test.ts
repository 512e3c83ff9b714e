import { strict as assert } from "node:assert";
import { readKeyVault } from "../../../settings/keyVaultSettings";
import { SettingsReader } from "../../../settings/settingsReader";

function keyVault(given: Readonly<Record<string, string>>, cloud: "local" | "public" = "local") {
  const read = new SettingsReader((key) => given[key]);
  return { settings: readKeyVault(read, cloud), errors: read.errors };
}

describe("settings of Key Vault", () => {
  it("keep everything in the state and need no vault by default", () => {
    const { settings, errors } = keyVault({});
    const { caKeys, deviceCredentials, enrollmentKeys } = settings;
    assert.deepEqual([caKeys, deviceCredentials, enrollmentKeys], ["state", "state", "state"]);
    assert.deepEqual([settings.keyVault.uses, errors], [[], []]);
    const named = keyVault({ keyVaultName: "kv-1" });
    assert.deepEqual([named.settings.keyVault.uses, named.errors], [[], []]);
  });

  it("create a vault that is used for what it keeps, with purge protection on Azure and none on the local Azure", () => {
    const caKeys = "keyVault";
    const created = {
      uri: undefined,
      name: undefined,
      principals: [],
      softDeleted: "recover",
      purgeProtection: false,
      uses: ["keys"],
    };
    assert.deepEqual(keyVault({ caKeys }).settings.keyVault, created);
    assert.deepEqual(keyVault({ caKeys }, "public").settings.keyVault, { ...created, purgeProtection: true });
    const off = keyVault({ deviceCredentials: "keyVault", keyVaultPurgeProtection: "off" }, "public");
    assert.deepEqual(off.settings.keyVault, { ...created, uses: ["certificates"] });
    assert.deepEqual(keyVault({ enrollmentKeys: "keyVault" }).settings.keyVault, { ...created, uses: ["secrets"] });
    const on = keyVault({ caKeys, keyVaultPurgeProtection: "on" });
    assert.deepEqual(on.settings.keyVault, { ...created, purgeProtection: true });
  });

  it("name those who deploy by their object IDs, for a new vault only", () => {
    const id = "AAAAAAAA-1111-4111-8111-111111111111";
    const given = { caKeys: "keyVault", keyVaultPrincipals: JSON.stringify([id, id.toLowerCase()]) };
    const { settings, errors } = keyVault(given);
    assert.deepEqual([settings.keyVault.principals, errors], [[id.toLowerCase()], []]);
    const wrong = keyVault({ caKeys: "keyVault", keyVaultPrincipals: '["someone@example.com"]' });
    assert.equal(wrong.errors[0]?.key, "keyVaultPrincipals[0]");
    const existing = keyVault({ ...given, keyVaultUri: "https://v.vault.azure.net" });
    assert.equal(existing.errors[0]?.key, "keyVaultPrincipals");
  });

  it("use an existing vault, by its URI in any spelling", () => {
    const given = { caKeys: "keyVault", keyVaultUri: "https://Vault-1.vault.azure.net/" };
    const { settings, errors } = keyVault(given, "public");
    const { uri, uses, softDeleted } = settings.keyVault;
    assert.deepEqual([uri, uses, softDeleted], ["https://vault-1.vault.azure.net", ["keys"], "recover"]);
    assert.deepEqual(errors, []);
    const purge = { caKeys: "keyVault", keyVaultUri: "https://v.vault.azure.net", keyVaultSoftDeleted: "purge" };
    assert.deepEqual(keyVault(purge, "public").errors, []);
  });

  it("report every error at once, each with its remedy", () => {
    const { errors } = keyVault({
      caKeys: "vault",
      deviceCredentials: "hsm",
      enrollmentKeys: "vault",
      keyVaultName: "1",
      keyVaultUri: "https://vault-1.vault.azure.net.example.com",
      keyVaultSoftDeleted: "keep",
      keyVaultPurgeProtection: "yes",
    });
    assert.deepEqual(errors.map(({ key }) => key).sort(), [
      "caKeys",
      "deviceCredentials",
      "enrollmentKeys",
      "keyVaultName",
      "keyVaultPurgeProtection",
      "keyVaultSoftDeleted",
      "keyVaultUri",
    ]);
    for (const { remedy } of errors) assert.match(remedy, /pulumi config set/);
  });

  it("refuse a name beside a URI, and a purge of a protected vault", () => {
    const both = keyVault({ keyVaultName: "kv-1", keyVaultUri: "https://v.vault.azure.net" });
    assert.deepEqual(
      both.errors.map(({ key }) => key),
      ["keyVaultName"],
    );
    const purge = keyVault({ keyVaultSoftDeleted: "purge" }, "public");
    assert.deepEqual(
      purge.errors.map(({ key, rule }) => [key, rule]),
      [["keyVaultSoftDeleted", "a vault with purge protection cannot be purged"]],
    );
    assert.deepEqual(keyVault({ keyVaultSoftDeleted: "purge", keyVaultPurgeProtection: "off" }, "public").errors, []);
  });
});
