import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { begunCreates, whileBegun } from "../../../emulator/contract/begunCreates";

describe("emulator/contract/begunCreates", () => {
  const create = { urn: "urn:a", id: "/a" };
  let parent = "";
  let folder = "";
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "begun-"));
    folder = join(parent, "creates");
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it("has a file of mode 0600 while a create runs, and none after it succeeds or fails", async () => {
    const during = await whileBegun(folder, create, async () => {
      assert.equal(statSync(join(folder, readdirSync(folder)[0] ?? "")).mode & 0o777, 0o600);
      return begunCreates(folder);
    });
    assert.deepEqual(during, [create]);
    assert.deepEqual(begunCreates(folder), []);
    await assert.rejects(
      whileBegun(folder, create, () => Promise.reject(new Error("refused"))),
      /refused/,
    );
    assert.deepEqual(begunCreates(folder), []);
  });

  it("writes nothing without a folder", async () => {
    assert.equal(await whileBegun(undefined, create, async () => 1), 1);
    assert.deepEqual(begunCreates(folder), []);
  });

  it("leaves out a file that was cut off", async () => {
    await whileBegun(folder, create, async () => {
      writeFileSync(join(folder, "half.json"), '{"urn"');
      assert.deepEqual(begunCreates(folder), [create]);
    });
  });
});
