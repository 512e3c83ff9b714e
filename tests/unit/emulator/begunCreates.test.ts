import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginCreate, begunCreates, endCreate } from "../../../emulator/contract/begunCreates";

describe("emulator/contract/begunCreates", () => {
  const create = { urn: "urn:a", id: "/a" };
  let parent = "";
  let folder = "";
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "begun-"));
    folder = join(parent, "creates");
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it("has a file of mode 0600 from a create's begin to its end", () => {
    beginCreate(folder, create);
    assert.equal(statSync(join(folder, readdirSync(folder)[0] ?? "")).mode & 0o777, 0o600);
    assert.deepEqual(begunCreates(folder), [create]);
    endCreate(folder, { ...create, id: "/other" });
    assert.deepEqual(begunCreates(folder), [create]);
    endCreate(folder, create);
    assert.deepEqual(begunCreates(folder), []);
  });

  it("is empty without a folder", () => assert.deepEqual(begunCreates(folder), []));

  it("leaves out a file that was cut off", () => {
    beginCreate(folder, create);
    writeFileSync(join(folder, "half.json"), '{"urn"');
    assert.deepEqual(begunCreates(folder), [create]);
  });
});
