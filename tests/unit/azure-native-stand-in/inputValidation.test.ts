import { strict as assert } from "node:assert";
import { objectFailures } from "../../../azure-native-stand-in/inputValidation";
import {
  computed,
  flag,
  ids,
  integer,
  integerFrom,
  limitedText,
  list,
  map,
  object,
  optional,
  required,
  text,
} from "../../../azure-native-stand-in/propertyShape";
import { type Properties, UNKNOWN } from "../../../plugin-protocol/propertyValue";

const shapes = {
  name: required(text),
  sku: required(object({ capacity: optional(integer), name: required(text) })),
  hubs: optional(list(object({ key: required(text) }))),
  tags: optional(map(text)),
  on: optional(flag),
  etag: computed(text),
  identities: optional(ids),
};
const failures = (inputs: Properties) => objectFailures("t:m:T", shapes, inputs).map(({ property }) => property);

describe("validation of inputs", () => {
  it("accepts valid inputs, unknown values included", () => {
    const inputs = {
      name: "n",
      sku: UNKNOWN,
      hubs: [{ key: UNKNOWN }, { key: "k" }],
      tags: { a: "b" },
      on: true,
      identities: ["/a"],
    };
    assert.deepEqual(failures(inputs), []);
  });

  it("does not treat members of JavaScript's Object as properties", () => {
    assert.deepEqual(failures({ name: "n", sku: { name: "s" }, constructor: "c", toString: "t" }), [
      "constructor",
      "toString",
    ]);
  });

  it("reports all errors at once, each with its path", () => {
    const inputs: Properties = {
      sku: { capacity: "1", nmae: "S1" },
      hubs: [{ key: "k" }, { keys: 1 }],
      tags: { "a.b": 1 },
      on: "yes",
      etag: "e",
      identities: [1],
    };
    assert.deepEqual(failures(inputs).sort(), [
      "etag",
      "hubs[1].key",
      "hubs[1].keys",
      "identities[0]",
      "name",
      "on",
      "sku.capacity",
      "sku.name",
      "sku.nmae",
      'tags["a.b"]',
    ]);
  });

  it("names the property, the type and the genuine plugin", () => {
    const [failure] = objectFailures("t:m:T", shapes, { name: "n", sku: { name: "S1" }, color: "red" });
    assert.match(failure?.reason ?? "", /^'color' is no property of t:m:T .*; the genuine azure-native plugin may/);
  });

  it("treats null as unset", () => {
    assert.deepEqual(failures({ name: null, sku: { name: "S1", capacity: null }, nothing: null }), ["name"]);
  });

  it("requires objects and lists where they belong", () => {
    assert.deepEqual(failures({ name: "n", sku: ["S1"], hubs: {}, tags: "a" }), ["sku", "hubs", "tags"]);
    const [failure] = objectFailures("t:m:T", shapes, { name: ["n"], sku: { name: "S1" } });
    assert.match(failure?.reason ?? "", /^'name' of t:m:T .*a string .*a list$/);
  });

  it("checks texts and numbers against the specification's limits, with the genuine plugin's messages", () => {
    const limited = {
      name: optional(limitedText({ pattern: "^[a-z]+$", minLength: 3, maxLength: 5 })),
      units: optional(integerFrom(1, 100)),
    };
    const reasons = (inputs: Properties) => objectFailures("t:m:T", limited, inputs).map(({ reason }) => reason);
    assert.deepEqual(reasons({ name: "abc", units: 100 }), []);
    assert.deepEqual(reasons({ name: UNKNOWN, units: UNKNOWN }), []);
    assert.deepEqual(reasons({ name: "A", units: 0 }), [
      "'name' is too short (1): at least 3 characters required",
      "'name' does not match expression '^[a-z]+$'",
      "'units' is too low (0 < 1)",
    ]);
    assert.deepEqual(reasons({ name: "abcdef", units: 101 }), [
      "'name' is too long (6): at most 5 characters allowed",
      "'units' is too high (101 > 100)",
    ]);
    assert.deepEqual(reasons({ units: 1.5 }), ["'units' must be an integer but got 1.5"]);
  });
});
