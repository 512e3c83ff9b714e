import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  isSame,
  isUnknown,
  propertyPath,
  revealed,
  UNKNOWN,
  type Value,
  withoutNulls,
} from "../../../plugin-protocol/propertyValue";

const json = fc
  .jsonValue({ maxDepth: 4 })
  .filter((value) => !JSON.stringify(value).includes("__proto__")) as fc.Arbitrary<Value>;

describe("property values", () => {
  it("reveals a secret of the provider's configuration, wrapped once or twice", () => {
    const wrapped = (value: Value): Value => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value,
    });
    fc.assert(fc.property(json, (value) => assert.deepEqual(revealed(wrapped(wrapped(value))), value)));
    assert.deepEqual(revealed({ value: "a" }), { value: "a" });
  });

  it("leaves no null in an object at any depth", () => {
    assert.deepEqual(withoutNulls({ a: [{ b: "c", d: null }], e: null }), { a: [{ b: "c" }] });
  });

  it("recognizes every mark of the engine for unknown values", () => {
    for (const mark of [UNKNOWN, "3eeb2bf0-c639-47a8-9e75-3b44932eb421", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"]) {
      assert.equal(isUnknown(mark), true);
    }
    assert.equal(isUnknown("04da6b54"), false);
    assert.equal(isUnknown(undefined), false);
  });

  it("treats values as equal whatever the order of their keys, and null as unset", () => {
    fc.assert(fc.property(json, (value) => assert.ok(isSame(value, reversed(value)))));
    assert.ok(isSame({ a: null }, {}));
    assert.ok(!isSame({ a: 1 }, { a: "1" }));
    assert.ok(!isSame([1, 2], [2, 1]));
    assert.ok(!isSame([], {}));
  });

  it("writes paths as Pulumi does", () => {
    assert.equal(propertyPath("", "sku"), "sku");
    assert.equal(propertyPath("tags", "a.b"), 'tags["a.b"]');
    assert.equal(propertyPath("tags", 'a"b'), 'tags["a\\"b"]');
  });
});

/** The same value with the keys of every object in reverse. */
function reversed(value: Value): Value {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}
