import assert from "node:assert/strict";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rotatingLog } from "../../../emulator/rotatingLog";

describe("the log", () => {
  const folder = mkdtempSync(join(tmpdir(), "log-"));
  const file = join(folder, "log");

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("rotates while it is written, in the file that another process opened", () => {
    const fd = openSync(file, "a");
    const log = rotatingLog(fd, file, 20);
    for (const line of ["first line\n", "second line\n", "third\n"]) log.write(line);
    assert.equal(readFileSync(`${file}.1`, "utf8"), "first line\nsecond line\n");
    assert.equal(readFileSync(file, "utf8"), "third\n");
    closeSync(fd);
  });

  it("does not rotate a log that goes elsewhere", () => {
    const other = join(folder, "other");
    const fd = openSync(other, "a");
    const log = rotatingLog(fd, join(folder, "absent"), 5);
    log.write("a longer line\n");
    assert.equal(readFileSync(other, "utf8"), "a longer line\n");
    assert.ok(!existsSync(join(folder, "absent.1")));
    closeSync(fd);
  });
});
