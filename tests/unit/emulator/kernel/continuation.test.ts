import assert from "node:assert/strict";
import fc from "fast-check";
import { pageOf, positionOf } from "../../../../emulator/kernel/continuation";

describe("continuation tokens", () => {
  it("lead to the position that they were made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (position) => {
        const { continuation } = pageOf(["a", "b"], 1, () => position);
        assert.equal(positionOf(continuation), position);
      }),
    );
    for (const none of [undefined, ""]) assert.equal(positionOf(none), "");
  });

  it("are told from other texts", () => {
    const { continuation = "" } = pageOf(["a", "b"], 1, () => "a");
    const others = [
      "x",
      "null",
      "-1",
      "AAAA",
      "YQ",
      `${continuation}!`,
      `${continuation}=`,
      continuation.slice(1),
      "é",
    ];
    for (const token of others) assert.equal(positionOf(token), undefined, token);
  });
});
