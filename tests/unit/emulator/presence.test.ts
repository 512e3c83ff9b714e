import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { announce, watchFolder } from "../../../emulator/presence";

describe("emulator/presence", () => {
  let folder = "";
  const ready = () => join(folder, "ready.json");
  let lost = 0;
  const announced = () =>
    announce(folder, "mine", { isOurs: watchFolder(folder), lost: () => (lost += 1), interval: 10 });
  beforeEach(() => {
    lost = 0;
    folder = mkdtempSync(join(tmpdir(), "presence-"));
    writeFileSync(join(folder, "lock.db"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("restores ready.json and pid, and deletes its ready.json at the end", async () => {
    const end = announced();
    rmSync(ready());
    while (!existsSync(ready()) || !existsSync(join(folder, "pid"))) await pause(5);
    assert.equal(readFileSync(ready(), "utf8"), "mine");
    end();
    assert.ok(!existsSync(ready()));
    assert.equal(lost, 0);
  });

  it("ends when the folder is deleted, and leaves another process's ready.json", async () => {
    const end = announced();
    rmSync(folder, { recursive: true });
    while (lost === 0) await pause(5);
    assert.ok(!existsSync(folder), "it does not make the folder again");
    await pause(30);
    assert.equal(lost, 1);
    folder = mkdtempSync(join(tmpdir(), "presence-"));
    end();
  });

  it("deletes no ready.json but its own", () => {
    const end = announced();
    writeFileSync(ready(), "another's");
    end();
    assert.equal(readFileSync(ready(), "utf8"), "another's");
  });

  it("does not announce itself in a folder that was made again", () => {
    const isOurs = () => false;
    assert.throws(() => announce(folder, "mine", { isOurs, lost: () => undefined }), { name: "StateFolderError" });
    assert.ok(!existsSync(ready()));
  });
});
