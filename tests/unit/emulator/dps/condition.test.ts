import { strict as assert } from "node:assert";
import fc from "fast-check";
import { readCondition } from "../../../../emulator/dps/queries/queryCondition";
import { DataPlane, type TestResponse } from "../../../cast/dataPlane";

const ITEM = {
  registrationId: "pump-7",
  provisioningStatus: "enabled",
  attestation: { type: "symmetricKey" },
  capabilities: { iotEdge: true },
  "it's": 5,
  weight: 12.5,
};

describe("conditions of DPS queries", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["registrationId = 'pump-7'", true],
    ['RegistrationID = "pump-7"', true],
    ["registrationId = 'Pump-7'", false],
    ["attestation.type = 'symmetricKey' AND capabilities.iotEdge = true", true],
    ["attestation.type = 'x509' or weight >= 12.5", true],
    ["attestation.type = 'x509' OR weight > 12.5 AND registrationId = 'pump-7'", false],
    ["NOT (provisioningStatus <> 'enabled')", true],
    ["provisioningStatus != 'enabled'", false],
    ["weight < 13 AND weight <= 12.5 AND NOT weight < 12.5", true],
    ["weight < '13'", false],
    ["weight <= '13'", false],
    ["weight > '1'", false],
    ["weight >= '1'", false],
    ["weight >= 13", false],
    ["weight > 12.5", false],
    ["capabilities.iotEdge = True", true],
    ["deviceId = null", true],
    ["attestation.type.deeper = null", true],
    ["registrationId != 'o''clock'", true],
  ];
  for (const [text, expected] of cases) {
    it(`${expected ? "take" : "refuse"} by ${text}`, () => assert.equal(readCondition(text)?.(ITEM), expected));
  }

  const unreadable = [
    "",
    "registrationId",
    "registrationId =",
    "a = b",
    "a LIKE 'x'",
    "(a = 1",
    "a = 1)",
    "a = 1 b = 2",
    "a = 'x",
    "a + 1",
    "AND a = 1",
    "a = constructor",
  ];
  for (const text of unreadable) {
    it(`are not understood: ${text || "(empty)"}`, () => assert.equal(readCondition(text), undefined));
  }

  it("never throw for any input", () => {
    const word = fc.constantFrom("a", "=", "'x'", "1", "and", "or", "not", "(", ")", "null", "<>", "'", "é", " ");
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const condition = readCondition(words.join(" "));
        if (condition) assert.equal(typeof condition(ITEM), "boolean");
      }),
    );
  });

  it("choose among pages without losing any", async () => {
    const plane = new DataPlane();
    const ids = Array.from({ length: 25 }, (_, index) => `dev-${String(index).padStart(2, "0")}`);
    for (const [index, id] of ids.entries()) {
      const body = {
        registrationId: id,
        attestation: { type: "symmetricKey" },
        provisioningStatus: index % 3 === 0 ? "disabled" : "enabled",
      };
      await plane.ask("IndividualEnrollment_CreateOrUpdate", { params: { id }, body });
    }
    const body = { query: "SELECT * FROM enrollments WHERE provisioningStatus = 'disabled'" };
    const found: string[] = [];
    let token: string | undefined = "";
    while (token !== undefined) {
      const headers: Record<string, string> = {
        authorization: plane.sas("dps-1.azure-devices-provisioning.net", "reader"),
        "x-ms-max-item-count": "2",
        ...(token === "" ? {} : { "x-ms-continuation": token }),
      };
      const page: TestResponse = await plane.ask("IndividualEnrollment_Query", { body, headers });
      found.push(...page.body.map((each: { registrationId: string }) => each.registrationId));
      token = page.headers["x-ms-continuation"];
    }
    assert.deepEqual(
      found,
      ids.filter((_, index) => index % 3 === 0),
    );
  });
});
