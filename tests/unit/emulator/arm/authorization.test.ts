import assert from "node:assert/strict";
import { BUILT_IN_ROLES, isGranted } from "../../../../emulator/arm/microsoftAuthorization/builtInRoles";
import { isAtOrAbove } from "../../../../emulator/arm/microsoftAuthorization/roleAssignmentStore";
import { type ArmHarness, armHarness, errorOf, TENANT } from "../../../cast/armHarness";

const ROLES = "/providers/Microsoft.Authorization/roleDefinitions";
const ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments";
const VAULT = "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/vault-1";
const SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";
const OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
const guid = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;
const GET_SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

const assignment = (role: string, principalId: string = TENANT.objectId) => ({
  properties: { roleDefinitionId: `/subscriptions/${TENANT.subscriptionId}${ROLES}/${role}`, principalId },
});

describe("role assignments", () => {
  let harness: ArmHarness;
  let vaultId: string;
  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", "/resourceGroups/rg", { location: "westeurope" });
    await harness.arm("PUT", VAULT, {
      location: "westeurope",
      properties: { tenantId: TENANT.tenantId, sku: { family: "A", name: "standard" }, enableRbacAuthorization: true },
    });
    vaultId = harness.deps.directory.vault("vault-1")?.id ?? "";
  });
  afterEach(() => harness.close());
  const allowed = (scope = vaultId, action = GET_SECRET) =>
    harness.deps.directory.allows(TENANT.objectId, scope, action);

  it("are created, read, listed and deleted, and grant access until then", async () => {
    assert.equal(allowed(), false);
    const made = await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER));
    assert.equal(made.status, 201);
    const at = "2026-03-01T12:00:00.000Z";
    const expected = {
      id: `${vaultId}${ASSIGNMENTS}/${guid(1)}`,
      name: guid(1),
      type: "Microsoft.Authorization/roleAssignments",
      properties: {
        scope: vaultId,
        roleDefinitionId: `/subscriptions/${TENANT.subscriptionId}${ROLES}/${SECRETS_USER}`,
        principalId: TENANT.objectId,
        principalType: "ServicePrincipal",
        createdOn: at,
        updatedOn: at,
        createdBy: TENANT.objectId,
        updatedBy: TENANT.objectId,
      },
    };
    assert.deepEqual(made.body, expected);
    assert.deepEqual((await harness.arm("GET", `${VAULT}${ASSIGNMENTS}/${guid(1)}`)).body, expected);
    assert.equal((await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER))).status, 200);
    assert.equal(allowed(), true);
    assert.equal(allowed(`${vaultId}/secrets/a`), true);
    assert.equal(allowed(vaultId, "Microsoft.KeyVault/vaults/secrets/setSecret/action"), false);
    assert.equal((await harness.arm("DELETE", `${VAULT}${ASSIGNMENTS}/${guid(1)}`)).status, 200);
    assert.equal((await harness.arm("DELETE", `${VAULT}${ASSIGNMENTS}/${guid(1)}`)).status, 204);
    const gone = await harness.arm("GET", `${VAULT}${ASSIGNMENTS}/${guid(1)}`);
    assert.deepEqual([gone.status, errorOf(gone).code], [404, "RoleAssignmentNotFound"]);
    assert.equal(allowed(), false);
  });

  it("are refused at a scope whose names no resource has", async () => {
    for (const scope of [
      "%0d%0a/IotHubs/hub-1",
      "Contoso/%3Cscript%3E/a",
      "Contoso/things/a%00",
      "Contoso/things/a/parts/%1b",
    ]) {
      const refused = await harness.arm(
        "PUT",
        `/resourceGroups/rg/providers/${scope}${ASSIGNMENTS}/${guid(1)}`,
        assignment(SECRETS_USER),
      );
      assert.deepEqual([refused.status, errorOf(refused).code], [400, "InvalidResourceName"], scope);
    }
    const other = `/resourceGroups/rg/providers/Contoso.Things/things/a b${ASSIGNMENTS}/${guid(1)}`.replace(" ", "%20");
    assert.equal((await harness.arm("PUT", other, assignment(SECRETS_USER))).status, 201);
  });

  for (const [what, scope] of [
    ["a subscription", ""],
    ["a group", "/resourceGroups/rg"],
  ] as const) {
    it(`grant below ${what}`, async () => {
      await harness.arm("PUT", `${scope}${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER));
      assert.equal(allowed(), true);
    });
  }

  it("grant access to one secret when their scope is that secret", async () => {
    await harness.arm("PUT", `${VAULT}/secrets/a${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER));
    assert.deepEqual(
      [allowed(`${vaultId}/secrets/a`), allowed(`${vaultId}/secrets/ab`), allowed()],
      [true, false, false],
    );
  });

  it("are unique for a principal, a role and a scope", async () => {
    await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER));
    const twice = await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(2)}`, assignment(SECRETS_USER));
    assert.deepEqual([twice.status, errorOf(twice).code], [409, "RoleAssignmentExists"]);
    const changed = await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(OFFICER));
    assert.deepEqual([changed.status, errorOf(changed).code], [400, "RoleAssignmentUpdateNotPermitted"]);
  });

  for (const [what, path, body, code] of [
    ["a name that is not a GUID", `${VAULT}${ASSIGNMENTS}/mine`, assignment(OFFICER), "InvalidRoleAssignmentId"],
    [
      "a principal that is not a GUID",
      `${VAULT}${ASSIGNMENTS}/${guid(1)}`,
      assignment(OFFICER, "me"),
      "InvalidPrincipalId",
    ],
    ["no such role", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(guid(9)), "RoleDefinitionDoesNotExist"],
    [
      "no role ID",
      `${VAULT}${ASSIGNMENTS}/${guid(1)}`,
      { properties: { principalId: TENANT.objectId } },
      "InvalidRoleDefinitionId",
    ],
    [
      "a role ID that is an object",
      `${VAULT}${ASSIGNMENTS}/${guid(1)}`,
      { properties: { principalId: TENANT.objectId, roleDefinitionId: { toString: 1 } } },
      "InvalidRoleDefinitionId",
    ],
    ["a vault that does not exist", `${VAULT}x${ASSIGNMENTS}/${guid(1)}`, assignment(OFFICER), "ResourceNotFound"],
    [
      "a group that does not exist",
      `/resourceGroups/x${ASSIGNMENTS}/${guid(1)}`,
      assignment(OFFICER),
      "ResourceGroupNotFound",
    ],
    [
      "a condition",
      `${VAULT}${ASSIGNMENTS}/${guid(1)}`,
      { properties: { ...assignment(OFFICER).properties, condition: "@Resource" } },
      "NotEmulated",
    ],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      assert.equal(errorOf(await harness.arm("PUT", path, body)).code, code);
    });
  }

  it("are listed at, above and below a scope, and filtered by principal", async () => {
    await harness.arm("PUT", `${ASSIGNMENTS}/${guid(1)}`, assignment(OFFICER));
    await harness.arm("PUT", `/resourceGroups/rg${ASSIGNMENTS}/${guid(2)}`, assignment(OFFICER, guid(8)));
    await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(3)}`, assignment(OFFICER));
    const list = async (scope: string, filter?: string) => {
      const query = filter === undefined ? "" : `?$filter=${encodeURIComponent(filter)}`;
      const { body } = await harness.arm("GET", `${scope}${ASSIGNMENTS}${query}`);
      return (body as { value: { name: string }[] }).value.map(({ name }) => Number(name.at(-1))).sort();
    };
    assert.deepEqual(await list("/resourceGroups/rg"), [1, 2, 3]);
    assert.deepEqual(await list("/resourceGroups/rg", "atScope()"), [1, 2]);
    assert.deepEqual(await list("", `principalId eq '${TENANT.objectId}'`), [1, 3]);
    assert.deepEqual(await list(VAULT, `atScope() and assignedTo('${guid(8)}')`), [2]);
    const unknown = await harness.arm("GET", `${ASSIGNMENTS}?$filter=roleName`);
    assert.equal(errorOf(unknown).code, "NotEmulated");
  });

  it("take effect later with real delays, and a refusal is not cached until then", async () => {
    harness.shared.switches.realDelays = true;
    const made = await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER));
    assert.ok(!("actsFrom" in (made.body as { properties: object }).properties));
    assert.equal(allowed(), false);
    harness.shared.clock.advance(2);
    assert.equal(allowed(), false);
    harness.shared.clock.advance(1);
    assert.equal(allowed(), true);
    await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER));
    assert.equal(allowed(), true, "a second PUT does not delay it again");
  });

  it("are found at paths with two slashes, as @azure/arm-authorization writes scopes", async () => {
    await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER));
    const authorization = `Bearer ${harness.tokens.issue("https://management.azure.com")}`;
    const path = `/${vaultId}${ASSIGNMENTS}/${guid(1)}?api-version=2022-04-01`;
    assert.ok(path.startsWith("//subscriptions/"));
    assert.equal((await harness.send("GET", path, undefined, { authorization })).status, 200);
  });

  it("are lost with the vault, even when it is recovered", async () => {
    await harness.arm("PUT", `${VAULT}${ASSIGNMENTS}/${guid(1)}`, assignment(SECRETS_USER));
    await harness.arm("DELETE", VAULT);
    const properties = { createMode: "recover", tenantId: TENANT.tenantId, sku: { family: "A", name: "standard" } };
    assert.equal((await harness.arm("PUT", VAULT, { location: "westeurope", properties })).status, 200);
    assert.equal(allowed(), false);
  });
});

describe("role definitions", () => {
  let harness: ArmHarness;
  before(async () => {
    harness = await armHarness();
  });
  after(() => harness.close());

  it("are found by name and by id, in every scope", async () => {
    const filter = encodeURIComponent("roleName eq 'Key Vault Secrets User'");
    const named = await harness.arm("GET", `${ROLES}?$filter=${filter}`);
    const [role] = (named.body as { value: { name: string; properties: { permissions: unknown[] } }[] }).value;
    assert.equal(role?.name, SECRETS_USER);
    assert.deepEqual((await harness.arm("GET", `${ROLES}/${SECRETS_USER}`)).body, role);
    const all = await harness.arm("GET", ROLES);
    assert.equal((all.body as { value: unknown[] }).value.length, BUILT_IN_ROLES.length);
    assert.equal((await harness.arm("GET", `${ROLES}/${guid(1)}`)).status, 404);
  });

  it("grant actions by case-insensitive patterns", () => {
    assert.ok(isGranted(["Microsoft.KeyVault/vaults/*/read"], "microsoft.keyvault/vaults/keys/READ"));
    assert.ok(!isGranted(["Microsoft.KeyVault/vaults/*/read"], "Microsoft.KeyVault/vaults/keys/read/action"));
    assert.ok(!isGranted(["a.b"], "axb"));
    assert.ok(!isGranted([], GET_SECRET));
  });

  it("apply below their scope, by whole segments", () => {
    assert.ok(isAtOrAbove("/subscriptions/A", "/subscriptions/a/resourceGroups/rg"));
    assert.ok(!isAtOrAbove("/subscriptions/a/resourceGroups/r", "/subscriptions/a/resourceGroups/rg"));
  });
});
