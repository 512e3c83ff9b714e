import { strict as assert } from "node:assert";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addPendingCreate, pendingCreates, removePendingCreate } from "../../../emulator/contract/pendingCreates";

describe("emulator/contract/pendingCreates", () => {
  const create = { urn: "urn:a", id: "/a" };
  let parent = "";
  let folder = "";
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "begun-"));
    folder = join(parent, "creates");
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it("has a file of mode 0600 from a create's begin to its end", () => {
    addPendingCreate(folder, create);
    assert.equal(statSync(join(folder, readdirSync(folder)[0] ?? "")).mode & 0o777, 0o600);
    assert.deepEqual(pendingCreates(folder), [create]);
    removePendingCreate(folder, { ...create, id: "/other" });
    assert.deepEqual(pendingCreates(folder), [create]);
    removePendingCreate(folder, create);
    assert.deepEqual(pendingCreates(folder), []);
  });

  it("is empty without a folder", () => assert.deepEqual(pendingCreates(folder), []));

  it("leaves out a file that was cut off", () => {
    addPendingCreate(folder, create);
    writeFileSync(join(folder, "half.json"), '{"urn"');
    assert.deepEqual(pendingCreates(folder), [create]);
  });
});
