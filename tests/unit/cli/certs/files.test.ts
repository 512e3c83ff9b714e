import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readText, writeNew } from "../../../../cli/certs/newFiles";

describe("files of the command line", () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  const mode = (name: string): number => statSync(path(name)).mode & 0o777;
  const isPosix = process.platform !== "win32";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "certs-files-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are written atomically, secrets for their owner alone, and leave no other file", async () => {
    await writeNew(path("key.pem"), "key", { force: false, secret: true });
    await writeNew(path("chain.pem"), "chain", { force: false });
    assert.deepEqual(
      ["key.pem", "chain.pem"].map((name) => readFileSync(path(name), "utf8")),
      ["key", "chain"],
    );
    if (isPosix) assert.equal(mode("key.pem"), 0o600);
    assert.deepEqual(readdirSync(folder).sort(), ["chain.pem", "key.pem"]);
  });

  it("are read without a byte order mark", async () => {
    writeFileSync(path("pass"), "\ufeffcorrect horse\r\n");
    assert.equal(await readText(path("pass")), "correct horse\r\n");
    await assert.rejects(readText(path("none")), { code: "file", message: /none cannot be read: ENOENT/ });
  });

  it("do not overwrite an existing file, and say so", async () => {
    writeFileSync(path("key.pem"), "precious");
    await assert.rejects(writeNew(path("key.pem"), "new", { force: false, secret: true }), {
      code: "file",
      message: /key\.pem cannot be written: EEXIST/,
    });
    assert.equal(readFileSync(path("key.pem"), "utf8"), "precious");
    await assert.rejects(writeNew(path(join("none", "a")), "new", { force: true }), { code: "file" });
    assert.deepEqual(readdirSync(folder), ["key.pem"]);
  });

  it("replace the old content in one step, without truncating it first", async () => {
    writeFileSync(path("key.pem"), "precious", { mode: 0o644 });
    const before = openSync(path("key.pem"), "r");
    try {
      await writeNew(path("key.pem"), "new", { force: true, secret: true });
      // A reader of the old file, meanwhile or after a crash, sees it whole.
      assert.equal(readFileSync(before, "utf8"), "precious");
    } finally {
      closeSync(before);
    }
    assert.equal(readFileSync(path("key.pem"), "utf8"), "new");
    if (isPosix) assert.equal(mode("key.pem"), 0o600);
    writeFileSync(path("chain.pem"), "old", { mode: 0o640 });
    await writeNew(path("chain.pem"), "new", { force: true });
    if (isPosix) assert.equal(mode("chain.pem"), 0o640);
  });

  it("keep a link, and write to its target", async function () {
    if (!isPosix) this.skip();
    writeFileSync(path("real.pem"), "old");
    symlinkSync("real.pem", path("link.pem"));
    await writeNew(path("link.pem"), "new", { force: true });
    assert.ok(lstatSync(path("link.pem")).isSymbolicLink());
    assert.equal(readFileSync(path("real.pem"), "utf8"), "new");
  });

  it("are written into an existing pipe", async function () {
    if (!isPosix) this.skip();
    execFileSync("mkfifo", [path("pipe")]);
    const reader = readFile(path("pipe"), "utf8");
    await writeNew(path("pipe"), "new", { force: true, secret: true });
    assert.equal(await reader, "new");
    assert.ok(lstatSync(path("pipe")).isFIFO());
  });
});
