import assert from "node:assert/strict";
import { assemble } from "../../../emulator/assemble";
import { TENANT } from "../../cast/armHarness";
import { newHierarchy } from "../../cast/certs";
import { entraKey } from "../../cast/rsaKeys";
import { type Served, serve } from "../../cast/served";
import { testDependencies } from "../../cast/testDependencies";
import { checkRow } from "./conformanceRow";
import { MANAGEMENT_TABLE } from "./managementTable";

describe("conformance of management requests", () => {
  const assembly = assemble(testDependencies(), TENANT, entraKey());
  const bodies = new Map<string, unknown>();
  let arm: Served;

  before(async () => {
    const { root, intermediate } = await newHierarchy();
    bodies.set("root", root.certificate.toPem()).set("intermediate", intermediate.certificate.toPem());
    arm = await serve(assembly.definitions.arm);
  });
  after(() => arm.close());

  it("has a name of its own in every row", () => {
    assert.deepEqual(
      MANAGEMENT_TABLE.map(({ name }) => name).filter((name, index, all) => all.indexOf(name) !== index),
      [],
    );
  });

  for (const row of MANAGEMENT_TABLE) {
    it(row.name, async () => {
      const body = await checkRow(
        row,
        ({ method, path, apiVersion, headers, body: sent }) =>
          arm.send(method, `${path}${path.includes("?") ? "&" : "?"}api-version=${apiVersion}`, sent, {
            authorization: `Bearer ${assembly.tokens.issue("https://management.azure.com")}`,
            ...headers,
          }),
        (name) => bodies.get(name),
      );
      bodies.set(row.name, body);
    });
  }
});
