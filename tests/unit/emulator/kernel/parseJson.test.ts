import assert from "node:assert/strict";
import { COMMA_LIMIT, DEPTH_LIMIT, parseJson } from "../../../../emulator/kernel/parseJson";

const nested = (depth: number, open: string, close: string): Buffer =>
  Buffer.from(open.repeat(depth) + (open === "[" ? "" : "1") + close.repeat(depth));

describe("JSON of clients", () => {
  it("nests up to the limit, and no deeper", () => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      assert.doesNotThrow(() => parseJson(nested(DEPTH_LIMIT, open, close)));
      for (const depth of [DEPTH_LIMIT + 1, 5_000, 400_000]) {
        assert.throws(() => parseJson(nested(depth, open, close)), SyntaxError);
      }
    }
  });

  it("may have many brackets beside each other and within strings", () => {
    const wide = Array.from({ length: 1000 }, () => ({ a: ["]", '"[[{{\\', "\\", "["] }));
    assert.deepEqual(parseJson(Buffer.from(JSON.stringify(wide))), wide);
    const text = "[".repeat(1000);
    assert.equal(parseJson(Buffer.from(JSON.stringify(`${text}\\"${text}`))), `${text}\\"${text}`);
  });

  it("is refused when it is not UTF-8, instead of read with other characters", () => {
    for (const bytes of ["22ff22", "22c322", "22eda08022", "7b22c3283a317d"]) {
      assert.throws(() => parseJson(Buffer.from(bytes, "hex")), { name: "SyntaxError", message: /UTF-8/ }, bytes);
    }
    assert.equal(parseJson(Buffer.from('"München ✓ 😀"')), "München ✓ 😀");
  });

  it("is refused with half a surrogate pair, which would be stored as another character", () => {
    for (const text of ['"\\udc00x"', '"\\uD83D"', '{"\\ud800": 1}', '[["\\ude00\\ud83d"]]']) {
      assert.throws(() => parseJson(Buffer.from(text)), { name: "SyntaxError", message: /surrogate/ }, text);
    }
    assert.deepEqual(parseJson(Buffer.from('{"a": "\\ud83d\\ude00", "b": "\\\\udc00"}')), { a: "😀", b: "\\udc00" });
  });

  it("has a limited number of values, counted outside of strings", () => {
    const list = (commas: number): Buffer => Buffer.from(`[${"1,".repeat(commas)}1]`);
    assert.equal((parseJson(list(COMMA_LIMIT)) as unknown[]).length, COMMA_LIMIT + 1);
    assert.throws(() => parseJson(list(COMMA_LIMIT + 1)), { name: "SyntaxError", message: /values/ });
    assert.doesNotThrow(() => parseJson(Buffer.from(JSON.stringify(",".repeat(2 * COMMA_LIMIT)))));
  });

  it("is refused when it is damaged", () => {
    for (const text of ["", "{", '"', '"\\', "]", "NaN", '{"a":1,}']) {
      assert.throws(() => parseJson(Buffer.from(text)), SyntaxError, text);
    }
  });
});
