import { strict as assert } from "node:assert";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { handler as accessHandler } from "../../../providers/handlers/vaultAccessHandler";
import { handler as nameHandler } from "../../../providers/handlers/vaultNameHandler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const GROUP = "/subscriptions/s/resourceGroups/rg-1";

describe("the name of a vault", () => {
  let azure: FakeAzure;
  const inputs = {
    ...{ subscriptionId: "s", resourceGroupName: "RG-1", location: "westeurope", name: "kv-1", namePrefix: "kv-zt-" },
    ...{ softDeleted: "recover", purgeProtection: false },
  };
  const name = () => nameHandler(fakeGateway(azure));
  const deleted = (more: object = {}, group = GROUP): void => {
    const vaultId = `${group}/providers/Microsoft.KeyVault/vaults/kv-1`;
    azure.vault.deletedVaults.set("kv-1", { name: "kv-1", properties: { vaultId, location: "westeurope", ...more } });
  };

  beforeEach(() => {
    azure = fakeAzure();
  });

  it("is chosen where none is given, and stays", async () => {
    const { name: _, ...rest } = inputs;
    const { id, outs } = await name().create(rest);
    assert.match(id, /^kv-zt-[0-9a-f]{8}$/);
    assert.deepEqual([outs.vaultName, outs.createMode], [id, "default"]);
    const purged = { ...rest, namePrefix: "kv-other-", softDeleted: "purge" };
    assert.deepEqual(await name().diff(id, outs, purged), { changes: true, replaces: [] });
    assert.equal((await name().update(id, outs, purged)).outs.vaultName, id);
  });

  it("is free when no deleted vault has it", async () => {
    const { outs } = await name().create(inputs);
    assert.deepEqual([outs.vaultName, outs.createMode], ["kv-1", "default"]);
    assert.equal((await name().diff("kv-1", outs, inputs)).changes, false);
    assert.deepEqual((await name().read("kv-1", outs)).props, outs);
    assert.deepEqual((await name().diff("", outs, { ...inputs, location: "northeurope" })).replaces, ["location"]);
  });

  it("says that a deleted vault is to be recovered", async () => {
    deleted();
    assert.equal((await name().create(inputs)).outs.createMode, "recover");
    assert.deepEqual(azure.vault.calls, []);
  });

  it("sees that its vault was deleted behind its back: the next one is to be the same", async () => {
    const { outs } = await name().create(inputs);
    deleted();
    const { props } = await name().read("kv-1", outs);
    assert.equal(props.createMode, "recover");
    assert.equal((await name().diff("kv-1", props, inputs)).changes, false);
    azure.vault.deletedVaults.clear();
    assert.deepEqual((await name().read("kv-1", props)).props, props);
  });

  it("refuses to recover a vault of another resource group, naming it", async () => {
    deleted({}, "/subscriptions/s/resourceGroups/rg-old");
    await assert.rejects(
      name().create(inputs),
      /belongs to resource group rg-old\..*\n.*set resourceGroupName to rg-old/,
    );
  });

  it("purges a deleted vault where that is set, and waits until it is gone", async () => {
    deleted();
    azure.vault.purgeLooks = 2;
    assert.equal((await name().create({ ...inputs, softDeleted: "purge" })).outs.createMode, "default");
    assert.deepEqual(azure.vault.calls, ["purge vault kv-1"]);
    assert.deepEqual(azure.pauses, [2000, 2000]);
  });

  it("gives up after five minutes of waiting", async () => {
    deleted();
    azure.vault.purgeLooks = 1000;
    await assert.rejects(
      name().create({ ...inputs, softDeleted: "purge" }),
      /Timed out after 5 minutes waiting for vault "kv-1" to be purged/,
    );
  });

  it("refuses to purge what is protected from it, before the vault is made as well as at its deletion", async () => {
    deleted({ purgeProtectionEnabled: true, scheduledPurgeDate: "2026-05-30T12:00:00Z" });
    await assert.rejects(
      name().create({ ...inputs, softDeleted: "purge" }),
      /purge protection, which keeps it until 2026-05-30\.\n/,
    );
    const { failures } = await name().check({}, { ...inputs, softDeleted: "purge", purgeProtection: true });
    assert.match(failures[0]?.reason ?? "", /cannot be purged/);
    assert.deepEqual((await name().check({}, inputs)).failures, []);
  });

  it("purges its vault at the end where that is set, once it is among the deleted ones", async () => {
    const { outs } = await name().create({ ...inputs, softDeleted: "purge" });
    await name().delete("kv-1", outs);
    assert.equal(azure.pauses.length, 5);
    deleted();
    await name().delete("kv-1", outs);
    assert.equal(azure.vault.deletedVaults.size, 0);
    deleted();
    await name().delete("kv-1", { ...outs, softDeleted: "recover" });
    await name().delete("kv-1", { ...outs, purgeProtection: true });
    assert.equal(azure.vault.deletedVaults.size, 1);
  });

  it("asks for where it is, and for the beginning of its name", async () => {
    const { inputs: filled, failures } = await name().check({}, {});
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["subscriptionId", "resourceGroupName", "location", "namePrefix"],
    );
    assert.deepEqual(filled, { softDeleted: "recover", purgeProtection: false });
  });
});

describe("access to a vault", () => {
  let azure: FakeAzure;
  const inputs = {
    vaultUri: "https://vault-1.vault.azure.net",
    kinds: ["keys", "certificates", "secrets"],
    grants: ["/role-1"],
  };
  const access = () => accessHandler(fakeGateway(azure));

  beforeEach(() => {
    azure = fakeAzure();
  });

  it("is ready at once with access to the vault", async () => {
    const { id, outs } = await access().create(inputs);
    assert.deepEqual([id, outs.openUri, azure.pauses], [inputs.vaultUri, inputs.vaultUri, []]);
    assert.equal((await access().diff(id, outs, inputs)).changes, false);
    const spelled = await access().create({ ...inputs, vaultUri: "https://Vault-1.vault.azure.net/" });
    assert.equal(spelled.outs.openUri, inputs.vaultUri);
    const more = { ...inputs, grants: ["/role-1", "/role-2"] };
    assert.deepEqual(await access().diff(id, outs, more), { changes: true, replaces: [] });
    assert.deepEqual((await access().update(id, outs, more)).outs.grants, more.grants);
  });

  it("waits while a role that was given a moment ago has not arrived, longer each time", async () => {
    azure.vault.forbidden = 7;
    await access().create(inputs);
    assert.deepEqual(azure.pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it("gives up after ten minutes, with what the vault said", async () => {
    azure.vault.forbidden = 1000;
    await assert.rejects(access().create(inputs), /returned Forbidden \(ForbiddenByRbac\)/);
    const waited = azure.pauses.reduce((sum, pause) => sum + pause, 0);
    assert.ok(waited > 560_000 && waited <= 600_000, String(waited));
  });

  it("waits for nothing where this stack gives no role", async () => {
    azure.vault.forbidden = 1;
    await assert.rejects(access().create({ ...inputs, grants: [] }), /Key Vault Crypto Officer/);
    assert.deepEqual(azure.pauses, []);
  });

  it("passes kinds that a preview does not know yet", async () => {
    const { failures } = await access().check({}, { vaultUri: UNKNOWN, kinds: ["keys", UNKNOWN] });
    assert.deepEqual(failures, []);
  });

  it("refuses what is no vault, and kinds that there are not", async () => {
    const { failures } = await access().check({}, { vaultUri: "http://vault-1.vault.azure.net", kinds: ["hsm"] });
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["vaultUri", "kinds"],
    );
  });
});
