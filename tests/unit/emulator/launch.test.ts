import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LaunchError, noted } from "../../../emulator/launch";

describe("a local Azure that a command launches", () => {
  const folder = mkdtempSync(join(tmpdir(), "launch-"));
  after(() => rmSync(folder, { recursive: true }));

  it("starts once the command has noted its process ID, also where another one was noted before", async () => {
    const file = join(folder, "launched");
    writeFileSync(file, "6\n");
    const started = noted(file, 7, 60_000);
    writeFileSync(file, "7\n");
    await started;
  });

  it("does not start where the command was killed before that: no stop would find it", async () => {
    await assert.rejects(noted(join(folder, "none"), 7, 0), LaunchError);
    const other = join(folder, "other");
    writeFileSync(other, "77\n");
    await assert.rejects(noted(other, 7, 0), (error: Error) => error.message.includes(other));
  });
});
