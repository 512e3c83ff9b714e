import { strict as assert } from "node:assert";
import fc from "fast-check";
import { differences, hiddenDifferences, isEqual, lastKey } from "../../../review/difference";

const bags = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 });

/** The same with its keys in another order, at every depth. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, reversed(each)]),
  );
};

describe("review/difference", () => {
  it("finds each property that differs, by its path", () => {
    const before = { sku: { name: "S1", capacity: 1 }, tags: { "a b": "1" }, same: [1], list: [{ x: 1 }], gone: true };
    const after = { sku: { name: "S2", capacity: 1 }, tags: { "a b": "2" }, same: [1], list: [{ x: 2 }], come: false };
    assert.deepEqual(
      differences(before, after).map(({ path, property, before: old, after: now }) => [path, property, old, now]),
      [
        ["come", "come", undefined, false],
        ["gone", "gone", true, undefined],
        ["list[0].x", "list", 1, 2],
        ["sku.name", "sku", "S1", "S2"],
        ['tags["a b"]', "tags", "1", "2"],
      ],
    );
  });

  it("shows a list of another length as a whole", () => {
    assert.deepEqual(
      differences({ hubs: ["a", "b"] }, { hubs: ["b"] }).map(({ path }) => path),
      ["hubs"],
    );
  });

  it("leaves out ETags and the engine's own properties, at every depth", () => {
    const before = { etag: "1", __provider: "a", nested: { etag: "x", __defaults: [] } };
    assert.deepEqual(differences(before, { etag: "2", __provider: "b", nested: { etag: "y", __defaults: [1] } }), []);
  });

  it("ignores whole names only, and names that begin with two underscores", () => {
    const bag = (value: number) => ({ a__b: value, etags: value, myEtag: value, trusted: value, _x: value });
    assert.deepEqual(
      differences(bag(1), bag(2)).map(({ path }) => path),
      ["_x", "a__b", "etags", "myEtag", "trusted"],
    );
    const noise = (value: number) => ({ ETag: value, etag: value, __x: value, trustedCertificates: value });
    assert.deepEqual(differences(noise(1), noise(2)), []);
  });

  it("adds what only the provider sees, neither above nor below known differences", () => {
    const known = differences({ a: { b: 1 }, "x.y": 1 }, { a: { b: 2 }, "x.y": 2 });
    const hidden = hiddenDifferences(["a", "a.b", "a.b.c", "a.b[0]", "a.bc", "ab", "c[0].d", "__e", "f.etag"], known);
    assert.deepEqual(
      hidden.map(({ path, property, before, after }) => [path, property, before, after]),
      [
        ["a.bc", "a", "[secret]", "[secret]"],
        ["ab", "ab", "[secret]", "[secret]"],
        ["c[0].d", "c", "[secret]", "[secret]"],
      ],
    );
  });

  it("finds no difference in another order of keys", () => {
    fc.assert(
      fc.property(
        bags,
        (bag) => differences(bag, reversed(bag) as typeof bag).length === 0 && isEqual(bag, reversed(bag)),
      ),
    );
  });

  it("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(bags, bags, (before, after) => {
        const turned = differences(reversed(before) as typeof before, reversed(after) as typeof after);
        assert.deepEqual(
          turned.map(({ path }) => path),
          differences(before, after).map(({ path }) => path),
        );
      }),
    );
  });

  it("adds what only the provider sees beside a property with the same beginning", () => {
    const known = differences({ certificateName: "a" }, { certificateName: "b" });
    const hidden = hiddenDifferences(["certificate", "certificateName.x", "certificateNames[0]"], known);
    assert.deepEqual(
      hidden.map(({ path }) => path),
      ["certificate", "certificateNames[0]"],
    );
  });

  it("names a property by the last key of its path", () => {
    for (const [path, name] of [
      ["sku.name", "name"],
      ["hubs[0].key", "key"],
      ["keys[0]", "keys"],
      ['tags["db.password"]', "db.password"],
      ['tags["a\\"]b"]', 'a"]b'],
      ["plain", "plain"],
    ] as const)
      assert.equal(lastKey(path), name);
  });

  it("adds what only the provider sees, once", () => {
    const known = differences({ sku: { name: "a" } }, { sku: { name: "b" } });
    const hidden = hiddenDifferences(["sku.name", "properties.key", "etag", "properties.iotHubs[0].etag"], known);
    assert.deepEqual(hidden, [
      { path: "properties.key", property: "properties", before: "[secret]", after: "[secret]" },
    ]);
  });
});
