import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { canonical, isSame } from "../../../providers/handlers/resource/canonicalJson";

/** The same value with the keys of every object in reverse order, and members that are undefined added. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, shuffled(member)] as const);
  return Object.fromEntries([...entries.reverse(), ["~added", undefined]]);
}

describe("canonical compare", () => {
  it("sees no order of keys and no undefined members", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => isSame(value, shuffled(value))));
  });

  it("gives JSON that reads back as the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(canonical(JSON.parse(canonical(value))), canonical(value));
      }),
    );
  });

  it("distinguishes values that differ in JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        fc.pre(JSON.stringify(left).length !== JSON.stringify(right).length);
        return !isSame(left, right);
      }),
    );
    assert.ok(!isSame([1, 2], [2, 1]));
    assert.ok(!isSame("1", 1));
    assert.ok(!isSame({ a: null }, {}));
  });
});
