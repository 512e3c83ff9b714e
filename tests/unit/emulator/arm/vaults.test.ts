import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf, TENANT } from "../../../cast/armHarness";

const VAULTS = "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults";
const AT = "/providers/Microsoft.KeyVault/locations/westeurope";
const policy = (secrets: readonly string[], objectId: string = TENANT.objectId) => ({
  tenantId: TENANT.tenantId,
  objectId,
  permissions: { secrets },
});

/** The body that creates a vault, as az sends it. */
const body = (properties: Readonly<Record<string, unknown>> = {}) => ({
  location: "westeurope",
  tags: { a: "b" },
  properties: {
    tenantId: TENANT.tenantId,
    sku: { family: "A", name: "standard" },
    enableRbacAuthorization: true,
    ...properties,
  },
});

interface VaultBody {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

describe("vaults in ARM", () => {
  let harness: ArmHarness;
  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", "/resourceGroups/rg", { location: "westeurope" });
  });
  afterEach(() => harness.close());
  const put = (name: string, properties?: Readonly<Record<string, unknown>>) =>
    harness.arm("PUT", `${VAULTS}/${name}`, body(properties));

  it("are created, read, listed and deleted", async () => {
    const made = await put("Vault-1");
    assert.equal(made.status, 200);
    const expected = {
      id: `/subscriptions/${TENANT.subscriptionId}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/Vault-1`,
      name: "Vault-1",
      type: "Microsoft.KeyVault/vaults",
      location: "westeurope",
      tags: { a: "b" },
      systemData: {
        createdBy: TENANT.clientId,
        createdByType: "Application",
        createdAt: "2026-03-01T12:00:00.000Z",
        lastModifiedBy: TENANT.clientId,
        lastModifiedByType: "Application",
        lastModifiedAt: "2026-03-01T12:00:00.000Z",
      },
      properties: {
        tenantId: TENANT.tenantId,
        sku: { family: "A", name: "standard" },
        accessPolicies: [],
        enableRbacAuthorization: true,
        softDeleteRetentionInDays: 90,
        publicNetworkAccess: "Enabled",
        enableSoftDelete: true,
        enabledForDeployment: false,
        vaultUri: "https://vault-1.vault.azure.net/",
        provisioningState: "Succeeded",
      },
    };
    assert.deepEqual(made.body, expected);
    assert.deepEqual((await harness.arm("GET", `${VAULTS}/vault-1`)).body, expected);
    assert.equal((await put("vault-1")).status, 200);
    for (const path of [VAULTS, "/providers/Microsoft.KeyVault/vaults"]) {
      assert.deepEqual((await harness.arm("GET", path)).body, { value: [expected] });
    }
    for (const [filter, count] of [
      ["resourceType eq 'Microsoft.KeyVault/vaults'", 1],
      ["resourceGroup eq 'RG' and name eq 'vault-1'", 1],
      ["resourceGroup eq 'other'", 0],
    ] as const) {
      const found = await harness.arm("GET", `/resources?$filter=${encodeURIComponent(filter)}`);
      assert.equal((found.body as { value: unknown[] }).value.length, count, filter);
    }
    const unknown = await harness.arm("GET", "/resources?$filter=tagName");
    assert.deepEqual([unknown.status, errorOf(unknown).code], [501, "NotEmulated"]);
    assert.equal((await harness.arm("DELETE", `${VAULTS}/vault-1`)).status, 200);
    assert.equal((await harness.arm("DELETE", `${VAULTS}/vault-1`)).status, 204);
    const gone = await harness.arm("GET", `${VAULTS}/vault-1`);
    assert.deepEqual([gone.status, errorOf(gone).code], [404, "ResourceNotFound"]);
  });

  for (const [what, properties, message] of [
    ["no SKU", { sku: undefined }, /sku is not specified/],
    ["an unknown SKU", { sku: { family: "A", name: "gold" } }, /sku.name must be one of standard, premium/],
    ["no tenant", { tenantId: undefined }, /invalid value was provided for 'tenantId'/],
    ["a retention of 6 days", { softDeleteRetentionInDays: 6 }, /from 7 to 90, not 6/],
    ["a retention of 91 days", { softDeleteRetentionInDays: 91 }, /from 7 to 90, not 91/],
    ["soft delete off", { enableSoftDelete: false }, /"enableSoftDelete" cannot be set to false/],
    [
      "purge protection off",
      { enablePurgeProtection: false },
      /cannot be set to false\. Enabling the purge protection/,
    ],
    ["an invalid flag", { enableRbacAuthorization: "yes" }, /must be true or false/],
    ["neither roles nor policies", { enableRbacAuthorization: false }, /accessPolicies is not specified/],
    [
      "an unknown permission",
      { accessPolicies: [policy(["read"])] },
      /secrets\[0\] must be one of all, get, .*, not "read"/,
    ],
    [
      "a policy without a principal",
      { accessPolicies: [{ permissions: {} }] },
      /tenantId is required; .*objectId is required/,
    ],
  ] as const) {
    it(`are not created with ${what}`, async () => {
      const response = await put("vault-1", properties);
      assert.deepEqual([response.status, errorOf(response).code], [400, "BadRequest"]);
      assert.match(errorOf(response).message, message);
    });
  }

  it("have names that follow Azure's rule", async () => {
    for (const name of ["ab", "1vault", "vault-", "va--ult", "v".repeat(25), "va_ult"]) {
      const response = await put(name);
      assert.deepEqual([response.status, errorOf(response).code], [400, "VaultNameNotValid"], name);
    }
  });

  it("use RBAC by default from API version 2026-02-01 on", async () => {
    const url = (name: string) => `/subscriptions/${TENANT.subscriptionId}${VAULTS}/${name}?api-version=2026-02-01`;
    const authorization = `Bearer ${harness.tokens.issue("https://management.azure.com")}`;
    const requested = body({ enableRbacAuthorization: undefined });
    const made = await harness.send("PUT", url("vault-1"), requested, { authorization });
    assert.equal((made.body as VaultBody).properties.enableRbacAuthorization, true);
  });

  it("keep retention and purge protection, and properties that a PATCH leaves out", async () => {
    await put("vault-1", { softDeleteRetentionInDays: 7, enablePurgeProtection: true, enabledForDeployment: true });
    harness.shared.clock.advance(60);
    const other = await put("vault-1", { softDeleteRetentionInDays: 8 });
    assert.match(errorOf(other).message, /has been set already and it can't be modified/);
    const off = await harness.arm("PATCH", `${VAULTS}/vault-1`, { properties: { enablePurgeProtection: false } });
    assert.equal(off.status, 400);
    const patched = await harness.arm("PATCH", `${VAULTS}/vault-1`, {
      tags: { c: "d" },
      properties: { publicNetworkAccess: "Disabled" },
    });
    const { properties } = patched.body as VaultBody;
    assert.equal(properties.publicNetworkAccess, "Disabled");
    assert.equal(properties.enablePurgeProtection, true);
    assert.equal(properties.softDeleteRetentionInDays, 7);
    assert.equal(properties.enabledForDeployment, true);
    const { createdAt, lastModifiedAt } = (patched.body as { systemData: Record<string, string> }).systemData;
    assert.deepEqual([createdAt, lastModifiedAt], ["2026-03-01T12:00:00.000Z", "2026-03-01T12:01:00.000Z"]);
    assert.equal(harness.deps.directory.vault("VAULT-1")?.closedBy, "connection");
  });

  it("are closed by a firewall without rules for addresses", async () => {
    await put("vault-1", { networkAcls: { defaultAction: "Deny", bypass: "AzureServices" } });
    assert.equal(harness.deps.directory.vault("vault-1")?.closedBy, "firewall");
    const subnet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";
    for (const [more, closedBy] of [
      [{ virtualNetworkRules: [{ id: subnet }] }, "firewall"],
      [{ ipRules: [{ value: "203.0.113.0/24" }] }, undefined],
      [{ ipRules: [{ value: "203.0.113.7" }], virtualNetworkRules: [{ id: subnet }] }, undefined],
      [{ defaultAction: "Allow", virtualNetworkRules: [{ id: subnet }] }, undefined],
      [{ defaultAction: "allow", bypass: "none", ipRules: [], virtualNetworkRules: null }, undefined],
    ] as const) {
      const response = await put("vault-1", { networkAcls: { defaultAction: "deny", ...more } });
      assert.equal(response.status, 200, JSON.stringify(response.body));
      assert.equal(harness.deps.directory.vault("vault-1")?.closedBy, closedBy, JSON.stringify(more));
    }
  });

  it("are refused with an invalid firewall", async () => {
    for (const [networkAcls, said] of [
      [{ defaultAction: "Refuse" }, /networkAcls.defaultAction must be one of Allow, Deny, not "Refuse"/],
      [{ bypass: "all" }, /networkAcls.bypass must be one of AzureServices, None/],
      [{ ipRules: "203.0.113.7" }, /networkAcls.ipRules must be a list/],
      [{ ipRules: [{ value: "203.0.113.256" }] }, /"203.0.113.256" is neither an IPv4 address/],
      [{ ipRules: [{ value: "203.0.113.0/33" }] }, /"203.0.113.0\/33" is neither an IPv4 address/],
      [{ ipRules: [{}] }, /ipRules\[0\].value is required/],
      [{ ipRules: [{ value: "10.0.0.0/8" }] }, /"10.0.0.0\/8" is in a private network/],
      [{ ipRules: [{ value: "172.31.0.1" }] }, /in a private network/],
      [
        { ipRules: Array.from({ length: 1001 }, () => ({ value: "203.0.113.7" })) },
        /ipRules must have at most 1000 items/,
      ],
      [{ virtualNetworkRules: [{ id: "subnet" }] }, /"subnet" is not the ID of a subnet/],
    ] as const) {
      const response = await put("vault-1", { networkAcls });
      assert.equal(response.status, 400);
      assert.equal(errorOf(response).code, "BadRequest");
      assert.match(errorOf(response).message, said);
    }
    assert.equal((await put("vault-1", { networkAcls: { ipRules: [{ value: "172.32.0.1/32" }] } })).status, 200);
  });

  it("have access policies added, replaced and removed", async () => {
    await put("vault-1", { enableRbacAuthorization: false, accessPolicies: [policy(["get"])] });
    const change = async (kind: string, ...policies: unknown[]) =>
      harness.arm("PUT", `${VAULTS}/vault-1/accessPolicies/${kind}`, { properties: { accessPolicies: policies } });
    const now = () =>
      harness.deps.directory.vault("vault-1")?.accessPolicies.map(({ permissions }) => permissions.secrets);
    assert.equal((await change("add", policy(["List"]), policy(["set"], "another"))).status, 200);
    assert.deepEqual(now(), [["get", "list"], ["set"]]);
    await change("replace", policy(["delete"]));
    assert.deepEqual(now(), [["delete"], ["set"]]);
    await change("remove", policy(["set"], "another"));
    assert.deepEqual(now(), [["delete"]]);
    assert.equal(errorOf(await change("forget")).code, "BadRequest");
    // For an application on behalf of a user, which is not emulated.
    await change("add", { ...policy(["get"]), applicationId: TENANT.clientId });
    assert.deepEqual(now(), [["delete"]]);
  });

  it("report whether a name is available: not while a deleted vault has it", async () => {
    const ask = async (name: string) =>
      (
        await harness.arm("POST", "/providers/Microsoft.KeyVault/checkNameAvailability", {
          name,
          type: "Microsoft.KeyVault/vaults",
        })
      ).body as { nameAvailable: boolean; reason?: string };
    assert.deepEqual(await ask("vault-1"), { nameAvailable: true });
    assert.equal((await ask("1")).reason, "AccountNameInvalid");
    await put("vault-1");
    assert.equal((await ask("VAULT-1")).reason, "AlreadyExists");
    await harness.arm("DELETE", `${VAULTS}/vault-1`);
    assert.equal((await ask("vault-1")).nameAvailable, false);
  });

  it("are soft-deleted: listed, keep their name reserved, and are recovered with their contents", async () => {
    const made = await put("vault-1", { softDeleteRetentionInDays: 7 });
    const key = harness.deps.directory.vault("vault-1")?.key;
    await harness.arm("DELETE", `${VAULTS}/vault-1`);
    assert.equal(harness.deps.directory.vault("vault-1"), undefined);
    const expected = {
      id: `/subscriptions/${TENANT.subscriptionId}${AT}/deletedVaults/vault-1`,
      name: "vault-1",
      type: "Microsoft.KeyVault/deletedVaults",
      properties: {
        vaultId: (made.body as VaultBody).id,
        location: "westeurope",
        tags: { a: "b" },
        deletionDate: "2026-03-01T12:00:00Z",
        scheduledPurgeDate: "2026-03-08T12:00:00Z",
      },
    };
    assert.deepEqual((await harness.arm("GET", `${AT}/deletedVaults/vault-1`)).body, expected);
    assert.deepEqual((await harness.arm("GET", "/providers/Microsoft.KeyVault/deletedVaults")).body, {
      value: [expected],
    });
    const pools = await harness.arm("GET", "/providers/Microsoft.KeyVault/deletedManagedHSMs");
    assert.deepEqual([pools.status, pools.body], [200, { value: [] }]);
    const again = await put("vault-1");
    assert.deepEqual([again.status, errorOf(again).code], [409, "ConflictError"]);
    assert.match(errorOf(again).message, /already exists in deleted state\. You need to either recover or purge/);
    const recovered = await harness.arm("PUT", `${VAULTS}/vault-1`, body({ createMode: "recover" }));
    assert.equal(recovered.status, 200);
    assert.deepEqual(recovered.body, made.body);
    assert.equal(harness.deps.directory.vault("vault-1")?.key, key);
    assert.equal((await harness.arm("GET", `${AT}/deletedVaults/vault-1`)).status, 404);
  });

  it("are not recovered when they were not deleted, or into another group", async () => {
    const none = await put("vault-1", { createMode: "recover" });
    assert.deepEqual([none.status, errorOf(none).code], [404, "DeletedVaultNotFound"]);
    await put("vault-1");
    await harness.arm("DELETE", `${VAULTS}/vault-1`);
    await harness.arm("PUT", "/resourceGroups/other", { location: "westeurope" });
    const path = `${VAULTS.replace("/rg/", "/other/")}/vault-1`;
    const other = await harness.arm("PUT", path, body({ createMode: "recover" }));
    assert.match(errorOf(other).message, /resource group 'rg' only/);
  });

  it("belong to one group", async () => {
    await put("vault-1");
    await harness.arm("PUT", "/resourceGroups/other", { location: "westeurope" });
    const taken = await harness.arm("PUT", `${VAULTS.replace("/rg/", "/other/")}/vault-1`, body());
    assert.deepEqual([taken.status, errorOf(taken).code], [409, "VaultAlreadyExists"]);
  });

  it("are purged by a long-running operation that notifies the data plane", async () => {
    const purged: string[] = [];
    harness.deps.directory.onVaultPurged((key) => purged.push(key));
    await put("vault-1");
    const key = harness.deps.directory.vault("vault-1")?.key;
    const early = await harness.arm("POST", `${AT}/deletedVaults/vault-1/purge`);
    assert.deepEqual([early.status, errorOf(early).code], [404, "DeletedVaultNotFound"]);
    await harness.arm("DELETE", `${VAULTS}/vault-1`);
    harness.shared.switches.realDelays = true;
    const begun = await harness.arm("POST", `${AT}/deletedVaults/vault-1/purge`);
    assert.equal(begun.status, 202);
    const location = String(begun.headers.location);
    const path = location.slice(location.indexOf(AT), location.indexOf("?"));
    assert.equal((await harness.arm("GET", path)).status, 202);
    assert.equal((await put("vault-1")).status, 409);
    harness.shared.clock.advance(3);
    const ended = await harness.arm("GET", path);
    assert.equal((ended.body as { status: string }).status, "Succeeded");
    assert.deepEqual(purged, [key]);
    assert.equal((await put("vault-1")).status, 200);
  });

  it("are not purged under purge protection before their scheduled purge", async () => {
    await put("vault-1", { enablePurgeProtection: true, softDeleteRetentionInDays: 7 });
    await harness.arm("DELETE", `${VAULTS}/vault-1`);
    const refused = await harness.arm("POST", `${AT}/deletedVaults/vault-1/purge`);
    assert.deepEqual(
      [refused.status, errorOf(refused)],
      [405, { code: "MethodNotAllowed", message: "Operation 'DeletedVaultPurge' is not allowed." }],
    );
    harness.shared.clock.advance(7 * 86_400);
    assert.equal((await put("vault-1")).status, 200);
  });

  it("are soft-deleted with their group", async () => {
    await put("vault-1");
    await harness.arm("DELETE", "/resourceGroups/rg");
    assert.equal((await harness.arm("GET", `${AT}/deletedVaults/vault-1`)).status, 200);
  });

  it("are provisioned later with real delays", async () => {
    harness.shared.switches.realDelays = true;
    const made = await put("vault-1");
    assert.equal((made.body as VaultBody).properties.provisioningState, "RegisteringDns");
    assert.equal(made.headers["retry-after"], "1");
    harness.shared.clock.advance(3);
    const settled = await harness.arm("GET", `${VAULTS}/vault-1`);
    assert.equal((settled.body as VaultBody).properties.provisioningState, "Succeeded");
  });
});
