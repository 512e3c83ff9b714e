import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pluginSchema } from "../../cast/pluginSchema";

const ROOT = resolve(__dirname, "../../..");

describe("the schema of the plugin", () => {
  it("is made from the types of resources and components; UPDATE_DOCS=1 writes it", () => {
    const file = join(ROOT, "zero-touch-plugin", "schema", "schema.json");
    const schema = pluginSchema(ROOT);
    if (process.env.UPDATE_DOCS === "1") writeFileSync(file, schema);
    assert.equal(readFileSync(file, "utf8"), schema);
  }).timeout(60_000);
});
