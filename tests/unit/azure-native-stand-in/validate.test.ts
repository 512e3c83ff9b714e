import { strict as assert } from "node:assert";
import { count, flag, gives, ids, list, map, may, must, object, text } from "../../../azure-native-stand-in/shapes";
import { objectFaults } from "../../../azure-native-stand-in/validate";
import { type Properties, secret, UNKNOWN } from "../../../azure-native-stand-in/values";

const shapes = {
  name: must(text),
  sku: must(object({ capacity: may(count), name: must(text) })),
  hubs: may(list(object({ key: must(text) }))),
  tags: may(map(text)),
  on: may(flag),
  etag: gives(text),
  identities: may(ids),
};
const faults = (inputs: Properties) => objectFaults("t:m:T", shapes, inputs).map(({ property }) => property);

describe("validation of inputs", () => {
  it("finds nothing wrong with right inputs, secrets and unknowns among them", () => {
    const inputs = {
      name: secret("n"),
      sku: UNKNOWN,
      hubs: [{ key: UNKNOWN }, secret({ key: "k" })],
      tags: { a: "b" },
      on: true,
      identities: ["/a"],
    };
    assert.deepEqual(faults(inputs), []);
  });

  it("knows no property by what every object of JavaScript has", () => {
    assert.deepEqual(faults({ name: "n", sku: { name: "s" }, constructor: "c", toString: "t" }), [
      "constructor",
      "toString",
    ]);
  });

  it("names every fault at once, at its path", () => {
    const inputs: Properties = {
      sku: { capacity: "1", nmae: "S1" },
      hubs: [{ key: "k" }, { keys: 1 }],
      tags: { "a.b": 1 },
      on: "yes",
      etag: "e",
      identities: [1],
    };
    assert.deepEqual(faults(inputs).sort(), [
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

  it("says what the property and the type are, and who may know better", () => {
    const [fault] = objectFaults("t:m:T", shapes, { name: "n", sku: { name: "S1" }, color: "red" });
    assert.equal(
      fault?.reason,
      "'color' is no property of t:m:T of the stand-in azure-native plugin for the local Azure; the genuine azure-native plugin may know it",
    );
  });

  it("takes null for unset", () => {
    assert.deepEqual(faults({ name: null, sku: { name: "S1", capacity: null }, nothing: null }), ["name"]);
  });

  it("wants objects and lists where they belong", () => {
    assert.deepEqual(faults({ name: "n", sku: ["S1"], hubs: {}, tags: "a" }), ["sku", "hubs", "tags"]);
    const [fault] = objectFaults("t:m:T", shapes, { name: ["n"], sku: { name: "S1" } });
    assert.equal(fault?.reason, "'name' of t:m:T should be a string but is a list");
  });
});
