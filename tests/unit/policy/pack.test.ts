import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { POLICIES, schemaOf } from "../../../policy/policies";
import * as types from "../../../policy/resourceTypes";

const texts = (...initial: readonly string[]) => ({ type: "array", items: { type: "string" }, default: initial });
const days = (initial: number) => ({ type: "integer", minimum: 1, default: initial });
const units = { type: "integer", minimum: 1, maximum: 200, default: 200 };
const pattern = { type: "string", format: "regex" };
const productionStacks = texts("prod", "production", "prod-*", "*-prod");

describe("the policy pack", () => {
  it("has these policies, with these levels, scopes and configurations", () => {
    const table = POLICIES.map((entry) => [
      entry.name,
      entry.level,
      entry.isForProduction ? "production" : "all",
      schemaOf(entry).properties,
    ]);
    assert.deepEqual(table, [
      ["root-verified", "mandatory", "all", {}],
      ["root-proven", "mandatory", "production", { productionStacks }],
      ["protected-resources", "mandatory", "production", { productionStacks }],
      [
        "certificate-lifetimes",
        "mandatory",
        "all",
        { deviceDays: days(398), intermediateDays: days(1830), rootDays: days(7305) },
      ],
      ["minimum-tls", "mandatory", "all", { minimum: { type: "string", pattern: "^1\\.[0-9]$", default: "1.2" } }],
      [
        "local-auth-off",
        "mandatory",
        "production",
        { scope: { type: "string", enum: ["devices", "all"], default: "all" }, productionStacks },
      ],
      ["no-shared-keys", "mandatory", "production", { productionStacks }],
      ["hub-linked-by-identity", "mandatory", "production", { productionStacks }],
      ["private-storage", "mandatory", "production", { productionStacks }],
      ["immutable-transcripts", "mandatory", "production", { minimumDays: days(365), productionStacks }],
      ["private-containers", "mandatory", "production", { productionStacks }],
      ["no-privileged-roles", "mandatory", "production", { productionStacks }],
      ["allowed-locations", "mandatory", "all", { locations: texts() }],
      ["allowed-skus", "mandatory", "all", { hubSkus: texts(), maximumHubUnits: units, maximumServiceUnits: units }],
      ["required-tags", "mandatory", "all", { tags: texts() }],
      [
        "names",
        "mandatory",
        "all",
        {
          resourceGroup: pattern,
          hub: pattern,
          provisioningService: pattern,
          certificate: pattern,
          enrollmentGroup: pattern,
          registrationId: pattern,
        },
      ],
    ]);
    for (const { name, description } of POLICIES) assert.match(description, /^[A-Z].*\.$/, name);
  });

  it("names the project's own resources as their classes do", () => {
    const folder = join(__dirname, "..", "..", "..", "providers");
    const sources = readdirSync(folder)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("\n");
    const own = [
      types.VERIFIED_CERTIFICATE,
      types.CERTIFICATE_AUTHORITY,
      types.DEVICE_CERTIFICATE,
      types.ENROLLMENT_GROUP,
      types.INDIVIDUAL_ENROLLMENT,
      types.ENROLLMENT_LIST,
      types.REVOCATIONS,
    ];
    for (const type of own) {
      const [, first = "", rest = ""] = /^pulumi-nodejs:dynamic\/iot:(\w)(\w+)$/.exec(type) ?? [];
      // The type's name is the handler's, which each class passes to its base class.
      assert.ok(sources.includes(`super("${first.toLowerCase()}${rest}", `), type);
    }
  });

  it("names azure-native's resources as its SDK does", () => {
    const native = (type: string): string | undefined => {
      const [, module = "", name = ""] = type.split(":");
      const folder = join(__dirname, "..", "..", "..", "node_modules", "@pulumi", "azure-native", module);
      const file = join(folder, `${name.slice(0, 1).toLowerCase()}${name.slice(1)}.js`);
      return /__pulumiType = '(.*)'/.exec(readFileSync(file, "utf8"))?.[1];
    };
    const tagged = [types.RESOURCE_GROUP, types.HUB, types.PROVISIONING_SERVICE, types.VAULT, types.STORAGE_ACCOUNT];
    const containers = [types.CONTAINER_ENVIRONMENT, types.CONTAINER_APP, types.CONTAINER_JOB];
    const others = [types.DPS_CERTIFICATE, types.ROLE_ASSIGNMENT, types.IMMUTABILITY_POLICY];
    const named = [...tagged, ...containers, ...others];
    for (const type of named) assert.equal(native(type), type);
    assert.deepEqual(types.TAGGED, [...tagged, ...containers]);
  });
});
