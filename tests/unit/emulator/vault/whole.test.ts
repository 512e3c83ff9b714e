import assert from "node:assert/strict";
import { type Assembly, assemble } from "../../../../emulator/assemble";
import { TENANT } from "../../../cast/armHarness";
import { entraKey } from "../../../cast/rsaKeys";
import { type Served, type ServedResponse, serve } from "../../../cast/served";
import { type TestDependencies, testDependencies } from "../../../cast/testDependencies";

const key = entraKey();
const GROUP = "/resourceGroups/rg";
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/vault-1`;
const ASSIGNMENT = `${VAULT}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-0000000000aa`;
const DELETED = "/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/vault-1";
const ADMINISTRATOR = "/providers/Microsoft.Authorization/roleDefinitions/00482a5a-887f-4fb3-b363-3b7fe8e74483";

describe("a vault, from ARM to its data plane", () => {
  let services: TestDependencies;
  let assembly: Assembly;
  let arm: Served;
  let vault: Served;

  beforeEach(async () => {
    services = testDependencies();
    assembly = assemble(services, TENANT, key);
    arm = await serve(assembly.definitions.arm);
    vault = await serve(assembly.definitions.vault);
    await manage("PUT", GROUP, { location: "westeurope" });
    await create();
  });
  afterEach(async () => {
    await arm.close();
    await vault.close();
  });

  const manage = (method: string, path: string, body?: unknown): Promise<ServedResponse> =>
    arm.send(method, `/subscriptions/${TENANT.subscriptionId}${path}?api-version=2023-07-01`, body, {
      authorization: `Bearer ${assembly.tokens.issue("https://management.azure.com")}`,
    });
  const ask = (method: string, path: string, body?: unknown): Promise<ServedResponse> =>
    vault.send(method, `${path}?api-version=7.5`, body, {
      host: "vault-1.vault.azure.net",
      authorization: `Bearer ${assembly.tokens.issue("https://vault.azure.net")}`,
    });
  const create = (createMode = "default") =>
    manage("PUT", VAULT, {
      location: "westeurope",
      properties: {
        createMode,
        tenantId: TENANT.tenantId,
        sku: { family: "A", name: "standard" },
        enableRbacAuthorization: true,
        softDeleteRetentionInDays: 7,
      },
    });
  const assignRole = () =>
    manage("PUT", ASSIGNMENT, { properties: { roleDefinitionId: ADMINISTRATOR, principalId: TENANT.objectId } });
  const setSecret = async () => {
    assert.equal((await assignRole()).status, 201);
    assert.equal((await ask("PUT", "/secrets/a", { value: "kept" })).status, 200);
  };
  const value = ({ body }: ServedResponse) => (body as { value?: unknown }).value;

  it("grants access at once with a role assignment, and denies it without", async () => {
    assert.equal((await ask("GET", "/secrets")).status, 403);
    await setSecret();
    assert.equal(value(await ask("GET", "/secrets/a")), "kept");
    await manage("DELETE", ASSIGNMENT);
    assert.equal((await ask("GET", "/secrets/a")).status, 403);
  });

  it("is not found while it is deleted, and is recovered with its secrets but without its role assignments", async () => {
    await setSecret();
    await manage("DELETE", VAULT);
    assert.equal((await ask("GET", "/secrets/a")).status, 421);
    assert.equal((await create("recover")).status, 200);
    assert.equal((await ask("GET", "/secrets/a")).status, 403);
    await assignRole();
    assert.equal(value(await ask("GET", "/secrets/a")), "kept");
  });

  for (const [what, end] of [
    ["purged", () => manage("POST", `${DELETED}/purge`)],
    ["left until its retention has passed", async () => services.clock.advance(7 * 86_400)],
  ] as const) {
    it(`leaves nothing behind when it is ${what}`, async () => {
      await setSecret();
      await manage("DELETE", VAULT);
      assert.equal((await create()).status, 409);
      await end();
      assert.equal((await create()).status, 200);
      await assignRole();
      assert.equal((await ask("GET", "/secrets/a")).status, 404);
      assert.deepEqual(services.database.all("SELECT * FROM vault_version"), []);
    });
  }

  it("is soft-deleted with its group, and is recovered into a group of that name", async () => {
    await setSecret();
    await manage("DELETE", GROUP);
    assert.equal((await manage("GET", DELETED)).status, 200);
    assert.equal((await create("recover")).status, 404, "its group is not there");
    await manage("PUT", GROUP, { location: "westeurope" });
    assert.equal((await create("recover")).status, 200);
    await assignRole();
    assert.equal(value(await ask("GET", "/secrets/a")), "kept");
  });

  it("applies its retention to deleted objects", async () => {
    await setSecret();
    const { body } = await ask("DELETE", "/secrets/a");
    const { deletedDate, scheduledPurgeDate } = body as { deletedDate: number; scheduledPurgeDate: number };
    assert.equal(scheduledPurgeDate - deletedDate, 7 * 86_400);
  });

  it("is empty after a reset", async () => {
    await setSecret();
    assert.equal(value(await ask("GET", "/secrets/a")), "kept");
    assembly.reset();
    assert.equal((await ask("GET", "/secrets/a")).status, 421);
    await manage("PUT", GROUP, { location: "westeurope" });
    await create();
    await assignRole();
    assert.equal((await ask("GET", "/secrets/a")).status, 404);
  });
});
