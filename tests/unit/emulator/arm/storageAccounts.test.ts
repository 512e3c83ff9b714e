import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf, TENANT } from "../../../cast/armHarness";

const ACCOUNTS = "/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts";
const CONTAINER = `${ACCOUNTS}/account1/blobServices/default/containers/transcripts`;
const POLICY = `${CONTAINER}/immutabilityPolicies/default`;
const BODY = { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_ZRS" } };
const days = (immutabilityPeriodSinceCreationInDays: number) => ({
  properties: { immutabilityPeriodSinceCreationInDays },
});
const code = (response: Parameters<typeof errorOf>[0]) => [response.status, errorOf(response).code];

interface Body {
  readonly etag?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
const properties = ({ body }: { readonly body: unknown }) => (body as Body).properties;

describe("storage accounts in ARM", () => {
  let harness: ArmHarness;
  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", "/resourceGroups/rg", { location: "westeurope" });
  });
  afterEach(() => harness.close());
  const arm: ArmHarness["arm"] = (...args) => harness.arm(...args);
  const create = (more: Readonly<Record<string, unknown>> = {}) =>
    arm("PUT", `${ACCOUNTS}/account1`, { ...BODY, properties: more });
  const withPolicy = async () => {
    await create();
    await arm("PUT", CONTAINER, {});
    return ((await arm("PUT", POLICY, days(30))).body as Body).etag ?? "";
  };

  it("are created by an operation with the account as its result, changed, listed and deleted", async () => {
    const accepted = await create({ allowSharedKeyAccess: false });
    assert.equal(accepted.status, 202);
    const { pathname } = new URL(String(accepted.headers.location));
    const made = await arm("GET", pathname.replace(`/subscriptions/${TENANT.subscriptionId}`, ""));
    assert.equal(made.status, 200);
    assert.deepEqual(made.body, (await arm("GET", `${ACCOUNTS}/account1`)).body);
    const { allowSharedKeyAccess, allowBlobPublicAccess, primaryEndpoints, provisioningState } = properties(made);
    assert.deepEqual(
      [allowSharedKeyAccess, allowBlobPublicAccess, primaryEndpoints, provisioningState],
      [false, false, { blob: "https://account1.blob.core.windows.net/" }, "Succeeded"],
    );
    const changed = await arm("PATCH", `${ACCOUNTS}/account1`, { properties: { minimumTlsVersion: "TLS1_2" } });
    assert.deepEqual(
      [properties(changed).minimumTlsVersion, properties(changed).allowSharedKeyAccess],
      ["TLS1_2", false],
    );
    assert.equal((await create()).status, 200);
    for (const path of [ACCOUNTS, "/providers/Microsoft.Storage/storageAccounts"]) {
      assert.equal(((await arm("GET", path)).body as { value: unknown[] }).value.length, 1);
    }
    assert.equal((await arm("DELETE", `${ACCOUNTS}/account1`)).status, 200);
    assert.equal((await arm("DELETE", `${ACCOUNTS}/account1`)).status, 204);
  });

  it("take a real service's time with real delays", async () => {
    harness.shared.switches.realDelays = true;
    const { headers } = await create();
    const path = new URL(String(headers.location)).pathname.replace(`/subscriptions/${TENANT.subscriptionId}`, "");
    assert.equal((await arm("GET", path)).status, 202);
    assert.equal(properties(await arm("GET", `${ACCOUNTS}/account1`)).provisioningState, "Creating");
    harness.shared.clock.advance(10_000);
    assert.equal((await arm("GET", path)).status, 200);
  });

  it("have names that are unique in Azure, and follow its rule", async () => {
    assert.deepEqual(code(await arm("PUT", `${ACCOUNTS}/Account-1`, BODY)), [400, "AccountNameInvalid"]);
    await create();
    await arm("PUT", "/resourceGroups/other", { location: "westeurope" });
    const elsewhere = `${ACCOUNTS.replace("/rg/", "/other/")}/account1`;
    assert.deepEqual(code(await arm("PUT", elsewhere, BODY)), [409, "StorageAccountInAnotherResourceGroup"]);
    const check = async (name: string) =>
      (await arm("POST", "/providers/Microsoft.Storage/checkNameAvailability", { name })).body;
    assert.equal(((await check("account1")) as { reason: string }).reason, "AlreadyExists");
    assert.equal(((await check("A")) as { reason: string }).reason, "AccountNameInvalid");
    assert.deepEqual(await check("account2"), { nameAvailable: true });
  });

  it("have no keys, and say so", async () => {
    await create();
    assert.deepEqual(code(await arm("POST", `${ACCOUNTS}/account1/listKeys`)), [501, "NotEmulated"]);
  });

  it("have containers, public ones only where the account allows it", async () => {
    assert.deepEqual(code(await arm("PUT", CONTAINER, {})), [404, "ResourceNotFound"]);
    await create();
    assert.deepEqual(code(await arm("GET", CONTAINER)), [404, "ContainerNotFound"]);
    assert.equal((await arm("PUT", CONTAINER, { properties: { publicAccess: "None" } })).status, 201);
    const open = { properties: { publicAccess: "Blob" } };
    assert.deepEqual(code(await arm("PATCH", CONTAINER, open)), [409, "PublicAccessNotPermitted"]);
    assert.deepEqual(code(await arm("PUT", `${CONTAINER}-`, {})), [400, "InvalidResourceName"]);
    const found = await arm("GET", CONTAINER);
    assert.deepEqual(
      [properties(found).publicAccess, properties(found).hasImmutabilityPolicy, found.headers.etag],
      ["None", false, (found.body as Body).etag],
    );
    const listed = await arm("GET", CONTAINER.slice(0, CONTAINER.lastIndexOf("/")));
    assert.deepEqual(
      (listed.body as { value: { name: string }[] }).value.map(({ name }) => name),
      ["transcripts"],
    );
    assert.equal((await arm("DELETE", CONTAINER)).status, 200);
    assert.equal((await arm("DELETE", CONTAINER)).status, 204);
  });

  it("are scopes of roles, and so are their containers", async () => {
    await create();
    const role = "/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-000000000001";
    const assignment = {
      properties: {
        roleDefinitionId: "/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        principalId: TENANT.objectId,
      },
    };
    assert.deepEqual(code(await arm("PUT", CONTAINER + role, assignment)), [404, "ContainerNotFound"]);
    await arm("PUT", CONTAINER, {});
    const made = await arm("PUT", CONTAINER + role, assignment);
    assert.equal(made.status, 201);
    assert.equal((made.body as { id: string }).id, `/subscriptions/${TENANT.subscriptionId}${CONTAINER}${role}`);
    await arm("DELETE", CONTAINER);
    await arm("PUT", CONTAINER, {});
    assert.deepEqual(code(await arm("GET", CONTAINER + role)), [404, "RoleAssignmentNotFound"]);
  });

  it("keep an immutability policy, which is deleted for its ETag only", async () => {
    await create();
    await arm("PUT", CONTAINER, {});
    assert.equal(properties(await arm("GET", POLICY)).immutabilityPeriodSinceCreationInDays, 0);
    assert.deepEqual(code(await arm("PUT", POLICY, {})), [400, "InvalidRequestContent"]);
    const made = await arm("PUT", POLICY, days(30));
    assert.equal(made.status, 200);
    const { immutabilityPeriodSinceCreationInDays, state } = properties(made);
    assert.deepEqual([immutabilityPeriodSinceCreationInDays, state], [30, "Unlocked"]);
    assert.equal(properties(await arm("GET", CONTAINER)).hasImmutabilityPolicy, true);
    const stale = { "if-match": '"8d0"' };
    assert.deepEqual(code(await arm("PUT", POLICY, days(20), stale)), [412, "ContainerImmutabilityPolicyFailure"]);
    assert.deepEqual(code(await arm("DELETE", POLICY)), [412, "ContainerImmutabilityPolicyFailure"]);
    const deleted = await arm("DELETE", POLICY, undefined, { "if-match": (made.body as Body).etag ?? "" });
    assert.equal(properties(deleted).immutabilityPeriodSinceCreationInDays, 0);
  });

  it("keep a locked policy for ever, and themselves with it: it is extended five times, and no more", async () => {
    let etag = await withPolicy();
    const change = async (path: string, body?: object) => {
      const response = await arm("POST", `${POLICY}/${path}`, body, { "if-match": etag });
      etag = (response.body as Body).etag ?? etag;
      return response;
    };
    assert.deepEqual(code(await change("extend", days(40))), [409, "ContainerImmutabilityPolicyFailure"]);
    assert.equal(properties(await change("lock")).state, "Locked");
    for (const refused of [
      await change("lock"),
      await change("extend", days(20)),
      await arm("PUT", POLICY, days(60)),
      await arm("DELETE", POLICY, undefined, { "if-match": etag }),
    ]) {
      assert.deepEqual(code(refused), [409, "ContainerImmutabilityPolicyFailure"]);
    }
    for (const period of [40, 50, 60, 70, 80]) assert.equal((await change("extend", days(period))).status, 200);
    assert.equal((await change("extend", days(90))).status, 409);
    for (const path of [`${ACCOUNTS}/account1`, "/resourceGroups/rg"]) {
      assert.deepEqual(code(await arm("DELETE", path)), [409, "AccountProtectedFromDeletion"]);
    }
    assert.equal((await arm("DELETE", CONTAINER)).status, 200);
    assert.equal((await arm("DELETE", "/resourceGroups/rg")).status, 202);
  });
});
