import { strict as assert } from "node:assert";
import { at, type Resource, UNKNOWN, violationText } from "../../../policy/policyRule";
import { isProduction, PRODUCTION_STACKS, stackOf } from "../../../policy/productionStacks";

describe("production, for the policy pack", () => {
  const config = { productionStacks: PRODUCTION_STACKS };

  it("is a stack of one of the names, in any letter case", () => {
    for (const stack of ["prod", "Production", "prod-eu", "plant-4-prod"])
      assert.ok(isProduction(stack, undefined, config));
    for (const stack of ["dev", "product", "preprod", "prod.eu"]) assert.ok(!isProduction(stack, undefined, config));
  });

  it("is what the configuration names; a dot is a dot and a star matches anything", () => {
    assert.ok(isProduction("dev", undefined, { productionStacks: ["*"] }));
    assert.ok(!isProduction("prod", undefined, { productionStacks: [] }));
    assert.ok(isProduction("eu.live", undefined, { productionStacks: ["*.live"] }));
    assert.ok(!isProduction("eu-live", undefined, { productionStacks: ["*.live"] }));
  });

  it("depends on the stack's tag before its name", () => {
    assert.ok(isProduction("dev", new Map([["environment", "Production"]]), config));
    assert.ok(!isProduction("prod", new Map([["environment", "test"]]), config));
    assert.ok(isProduction("prod", new Map([["owner", "me"]]), config));
    for (const tag of ["preprod", "product", "production-copy"])
      assert.ok(!isProduction("prod", new Map([["environment", tag]]), config), tag);
  });

  it("knows the stack from a URN", () => {
    assert.equal(stackOf("urn:pulumi:plant-4-prod::azure-iot-zero-touch::a:b:C::name"), "plant-4-prod");
    assert.equal(stackOf("nothing"), "");
  });
});

describe("what a rule looks at", () => {
  const resource = (props: Resource["props"]): Resource => ({ type: "t", name: "n", props, isProtected: false });

  it("is found by its path, through lists too", () => {
    const subject = resource({ a: { b: [{ c: 1 }] }, "x.y": 2, n: null });
    assert.equal(at(subject, "a.b.0.c"), 1);
    assert.equal(at(subject, "a.b.length"), 1);
    assert.equal(at(subject, ["x.y"]), 2);
    assert.equal(at(subject, "n.deeper"), undefined);
    assert.equal(at(subject, "a.none.deeper"), undefined);
  });

  it("is distinct from an unknown value", () => {
    const later = {
      get a(): never {
        throw new Error("can't be known during preview");
      },
    };
    assert.equal(at(resource(later), "a.b"), UNKNOWN);
  });

  it("is printed with field, value, rule and remedy", () => {
    const finding = { field: "location", value: "westus", rule: "must be one of westeurope", remedy: "move" };
    assert.equal(violationText(finding), 'location = "westus": must be one of westeurope.\n    To fix: move.');
    assert.match(violationText({ ...finding, value: undefined }), /^location is not set: /);
  });
});
