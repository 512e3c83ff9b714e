import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { codeFiles } from "../../cast/imports";

const EMULATOR = resolve(__dirname, "../../../emulator");
/** Folders that are not services: shared code, the front, schemas of bodies, and the contract with clients. */
const OTHERS = ["contract", "front", "kernel", "schemas"];

describe("the layout of the emulator", () => {
  const files = codeFiles(EMULATOR).map((file) => relative(EMULATOR, file));
  const shared = readdirSync(EMULATOR, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !OTHERS.includes(entry.name))
    .map(({ name }) => name);

  it("gives every service its definition, its dependencies and its errors", () => {
    const missing = shared
      .flatMap((name) => ["Service", "Dependencies", "Errors"].map((part) => join(name, `${name}${part}.ts`)))
      .filter((file) => !existsSync(join(EMULATOR, file)));
    assert.deepEqual(missing, []);
    assert.ok(shared.length >= 9);
  });

  it("has every operation in a folder that lists its operations", () => {
    const outside = files
      .filter((file) => shared.includes(file.split("/")[0] ?? ""))
      .filter((file) => /\): Operation (=>|\{)/.test(readFileSync(join(EMULATOR, file), "utf8")))
      .filter((file) => !files.some((each) => dirname(each) === dirname(file) && each.endsWith("Operations.ts")));
    assert.deepEqual(outside, []);
  });

  it("gives every file a name that is known without its folder", () => {
    const names = files.map((file) => basename(file));
    assert.deepEqual(
      names.filter((name, index) => name === "index.ts" || names.indexOf(name) !== index),
      [],
    );
  });
});
