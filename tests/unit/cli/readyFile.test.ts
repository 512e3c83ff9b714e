import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReady, readReady, readyFile } from "../../../cli/local/readyFile";
import { aReady } from "../../cast/ready";

describe("cli/local/readyFile", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ready-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("reads what a live process wrote", () => {
    writeFileSync(readyFile(folder), JSON.stringify(aReady()));
    assert.deepEqual(
      readReady(folder, () => true),
      aReady(),
    );
  });

  it("ignores the file of a dead process", () => {
    writeFileSync(readyFile(folder), JSON.stringify(aReady({ pid: 5 })));
    const asked: number[] = [];
    const isAlive = (pid: number) => asked.push(pid) < 0;
    assert.equal(readReady(folder, isAlive), undefined);
    assert.deepEqual(asked, [5]);
  });

  it("ignores a missing file, a partial one and another version's", () => {
    assert.equal(
      readReady(folder, () => true),
      undefined,
    );
    const { controlToken: _, ...less } = aReady();
    const bad = ["", "{", "null", "[]", '"text"', JSON.stringify(less)];
    const wrong = [{ pid: 0 }, { pid: -1 }, { pid: 1.5 }, { proxyUrl: "" }];
    for (const text of [...bad, ...wrong.map((change) => JSON.stringify(aReady(change)))]) {
      assert.equal(parseReady(text), undefined, text);
    }
  });
});
