import { strict as assert } from "node:assert";
import { readKeyVault } from "../../../settings/keyVaultSettings";
import { SettingsReader } from "../../../settings/settingsReader";

function keyVault(given: Readonly<Record<string, string>>, cloud: "local" | "public" = "local") {
  const read = new SettingsReader((key) => given[key]);
  return { settings: readKeyVault(read, cloud), faults: read.faults };
}

describe("settings of Key Vault", () => {
  it("keep everything in the state and make no vault by default", () => {
    const { settings, faults } = keyVault({});
    assert.deepEqual(settings, {
      caKeys: "state",
      deviceCredentials: "state",
      enrollmentKeys: "state",
      vault: undefined,
    });
    assert.deepEqual(faults, []);
    const named = keyVault({ keyVaultName: "kv-1" });
    assert.deepEqual([named.settings.vault, named.faults], [undefined, []]);
  });

  it("make a vault where something is kept in it, with purge protection on Azure and none on the local Azure", () => {
    const caKeys = "keyVault";
    const made = { name: undefined, softDeleted: "recover", purgeProtection: false, uses: ["keys"] };
    assert.deepEqual(keyVault({ caKeys }).settings.vault, made);
    assert.deepEqual(keyVault({ caKeys }, "public").settings.vault, { ...made, purgeProtection: true });
    const off = keyVault({ deviceCredentials: "keyVault", keyVaultPurgeProtection: "off" }, "public");
    assert.deepEqual(off.settings.vault, { ...made, uses: ["certificates"] });
    assert.deepEqual(keyVault({ enrollmentKeys: "keyVault" }).settings.vault, { ...made, uses: ["secrets"] });
    assert.deepEqual(keyVault({ caKeys, keyVaultPurgeProtection: "on" }).settings.vault, {
      ...made,
      purgeProtection: true,
    });
  });

  it("use a vault that stands, by its address in any spelling", () => {
    const { settings, faults } = keyVault(
      { caKeys: "keyVault", keyVaultUri: "https://Vault-1.vault.azure.net/" },
      "public",
    );
    assert.deepEqual(settings.vault, {
      uri: "https://vault-1.vault.azure.net",
      softDeleted: "recover",
      uses: ["keys"],
    });
    assert.deepEqual(faults, []);
    const purge = { caKeys: "keyVault", keyVaultUri: "https://v.vault.azure.net", keyVaultSoftDeleted: "purge" };
    assert.deepEqual(keyVault(purge, "public").faults, []);
  });

  it("tell every fault at once, each with its way out", () => {
    const { faults } = keyVault({
      caKeys: "vault",
      deviceCredentials: "hsm",
      enrollmentKeys: "vault",
      keyVaultName: "1",
      keyVaultUri: "https://vault-1.vault.azure.net.example.com",
      keyVaultSoftDeleted: "keep",
      keyVaultPurgeProtection: "yes",
    });
    assert.deepEqual(faults.map(({ key }) => key).sort(), [
      "caKeys",
      "deviceCredentials",
      "enrollmentKeys",
      "keyVaultName",
      "keyVaultPurgeProtection",
      "keyVaultSoftDeleted",
      "keyVaultUri",
    ]);
    for (const { remedy } of faults) assert.match(remedy, /pulumi config set/);
  });

  it("refuse a name beside an address, and a purge of what is protected from it", () => {
    const both = keyVault({ keyVaultName: "kv-1", keyVaultUri: "https://v.vault.azure.net" });
    assert.deepEqual(
      both.faults.map(({ key }) => key),
      ["keyVaultName"],
    );
    const purge = keyVault({ keyVaultSoftDeleted: "purge" }, "public");
    assert.deepEqual(
      purge.faults.map(({ key, rule }) => [key, rule]),
      [["keyVaultSoftDeleted", "a vault with purge protection cannot be purged"]],
    );
    assert.deepEqual(keyVault({ keyVaultSoftDeleted: "purge", keyVaultPurgeProtection: "off" }, "public").faults, []);
  });
});
