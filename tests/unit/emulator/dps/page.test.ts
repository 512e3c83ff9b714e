import { strict as assert } from "node:assert";
import { matchingItems } from "../../../../emulator/dps/queries/queryPage";

const items = Array.from({ length: 7 }, (_, index) => ({ id: String.fromCharCode(97 + index) }));
const list = (top: number, after: string) => items.filter(({ id }) => id > after).slice(0, top);
const wire = ({ id }: { readonly id: string }) => ({ id });

describe("a page of a query", () => {
  it("has the requested items, and one more if there are further ones", async () => {
    const page = (size: number, ids: string, after = "") =>
      matchingItems({ size, after }, ({ id }) => ids.includes(String(id)), list, wire).then((found) =>
        found.map(({ id }) => id).join(""),
      );
    assert.equal(await page(2, "abcdefg"), "abc");
    assert.equal(await page(2, "g"), "g");
    assert.equal(await page(2, "ag"), "ag");
    assert.equal(await page(2, "adg"), "adg");
    assert.equal(await page(7, "abcdefg"), "abcdefg");
    assert.equal(await page(2, "adg", "d"), "g");
    assert.equal(await page(2, ""), "");
  });

  it("lets others be heard while nothing is found", async () => {
    const seen: string[] = [];
    setImmediate(() => seen.push("another"));
    const look = (top: number, after: string) => {
      seen.push("look");
      return list(top, after);
    };
    await matchingItems({ size: 2, after: "" }, () => false, look, wire);
    assert.deepEqual(seen, ["look", "another", "look", "look"]);
  });
});
