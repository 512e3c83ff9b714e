import { strict as assert } from "node:assert";
import { packageSchema } from "../../../azure-native-stand-in/packageSchema";
import { RESOURCE_TYPES } from "../../../azure-native-stand-in/types/typeTable";

interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Property;
}

interface Schema {
  readonly resources: Readonly<
    Record<string, { readonly requiredInputs: string[]; readonly inputProperties: Record<string, Property> }>
  >;
  readonly types: Readonly<Record<string, { readonly properties: Record<string, Property> }>>;
}

describe("the stand-in's package schema", () => {
  const schema = JSON.parse(packageSchema("3.28.0")) as Schema;

  it("has every resource type, with what a program must set", () => {
    assert.deepEqual(
      Object.keys(schema.resources),
      RESOURCE_TYPES.map(({ token }) => token),
    );
    const hub = schema.resources["azure-native:iothub:IotHubResource"];
    assert.deepEqual(hub?.requiredInputs, ["resourceGroupName", "sku"]);
    assert.deepEqual(hub?.inputProperties.resourceName, { type: "string" });
    assert.equal(hub?.inputProperties.etag, undefined, "Azure sets it");
  });

  it("declares every type that it refers to", () => {
    const references = [...JSON.stringify(schema).matchAll(/"#\/types\/([^"]+)"/g)].map(([, token = ""]) => token);
    assert.ok(references.length > 20);
    assert.deepEqual(
      references.filter((token) => schema.types[token] === undefined),
      [],
    );
  });
});
