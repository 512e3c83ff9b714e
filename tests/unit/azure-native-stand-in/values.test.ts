import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  inside,
  isSecret,
  isUnknown,
  keyPath,
  open,
  plain,
  same,
  secret,
  UNKNOWN,
  type Value,
} from "../../../azure-native-stand-in/values";

const json = fc
  .jsonValue({ maxDepth: 4 })
  .filter((value) => !JSON.stringify(value).includes("__proto__")) as fc.Arbitrary<Value>;

describe("property values", () => {
  it("opens what it wrapped, once and again", () => {
    fc.assert(fc.property(json, (value) => assert.deepEqual(open(secret(secret(value))), value)));
  });

  it("leaves no secret wrapped at any depth, and no null in an object", () => {
    assert.deepEqual(plain({ a: [secret({ b: secret("c"), d: null })], e: secret(null) }), { a: [{ b: "c" }] });
  });

  it("changes the inside of a secret and keeps it one", () => {
    const changed = inside(secret("a"), (value) => `${String(value)}b`);
    assert.ok(isSecret(changed));
    assert.equal(open(changed), "ab");
    assert.equal(
      inside("a", () => 1),
      1,
    );
  });

  it("knows every mark that the engine has for unknown", () => {
    for (const mark of [UNKNOWN, "3eeb2bf0-c639-47a8-9e75-3b44932eb421", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"]) {
      assert.equal(isUnknown(mark), true);
    }
    assert.equal(isUnknown("04da6b54"), false);
    assert.equal(isUnknown(undefined), false);
  });

  it("takes the same value for the same, whatever the order of keys, and null for unset", () => {
    fc.assert(fc.property(json, (value) => assert.ok(same(value, reversed(value)))));
    assert.ok(same({ a: null }, {}));
    assert.ok(!same({ a: 1 }, { a: "1" }));
    assert.ok(!same([1, 2], [2, 1]));
    assert.ok(!same([], {}));
  });

  it("writes paths as Pulumi does", () => {
    assert.equal(keyPath("", "sku"), "sku");
    assert.equal(keyPath("tags", "a.b"), 'tags["a.b"]');
    assert.equal(keyPath("tags", 'a"b'), 'tags["a\\"b"]');
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
