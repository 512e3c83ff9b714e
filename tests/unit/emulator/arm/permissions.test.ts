import { strict as assert } from "node:assert";
import { type ArmHarness, armHarness, TENANT } from "../../../cast/armHarness";

const PERMISSIONS = "/providers/Microsoft.Authorization/permissions";
const ASSIGNMENT =
  "/resourceGroups/rg-1/providers/Microsoft.Authorization/roleAssignments/55555555-5555-4555-8555-555555555555";
const CRYPTO_OFFICER = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603";

describe("permissions in ARM", () => {
  let harness: ArmHarness;

  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", "/resourcegroups/rg-1", { location: "westeurope" });
  });

  afterEach(() => harness.close());

  const dataActions = async (scope: string): Promise<string[]> => {
    const { status, body } = await harness.arm("GET", `${scope}${PERMISSIONS}`);
    assert.equal(status, 200);
    return (body as { value: { dataActions: string[] }[] }).value.flatMap((each) => each.dataActions);
  };

  it("are an owner's, and those of the roles assigned at the scope or above it", async () => {
    const properties = {
      roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${CRYPTO_OFFICER}`,
      principalId: TENANT.objectId,
    };
    assert.deepEqual(await dataActions("/resourceGroups/rg-1"), ["Microsoft.Devices/*"]);
    assert.equal((await harness.arm("PUT", ASSIGNMENT, { properties })).status, 201);
    assert.ok((await dataActions("/resourceGroups/RG-1")).some((action) => action.startsWith("Microsoft.KeyVault/")));
    assert.deepEqual(await dataActions(""), ["Microsoft.Devices/*"]);
  });

  it("are refused for a group that does not exist", async () => {
    assert.equal((await harness.arm("GET", `/resourceGroups/other${PERMISSIONS}`)).status, 404);
  });
});
