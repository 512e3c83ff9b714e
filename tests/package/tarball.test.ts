import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildPackage, packageFolders } from "../../cli/commands/build";
import { runPackage } from "../cast/userProgram";

const ROOT = resolve(__dirname, "..", "..");

describe("the tarballs", () => {
  const folder = mkdtempSync(join(tmpdir(), "tarball-"));
  let tarballs: readonly string[];

  before(async () => {
    tarballs = await Promise.all(packageFolders(ROOT).map((each) => buildPackage(ROOT, each)));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("have no finding of publint", async () => {
    for (const tarball of tarballs) await runPackage(folder, "publint@0.3.25", "publint", "--strict", tarball);
  });

  it("have types that every module resolution finds (are the types wrong?)", async () => {
    for (const tarball of tarballs) {
      // An entry for older states, and one for Node's option --require: no program imports them.
      const left = ["--exclude-entrypoints", "./providers/load.cjs", "./preload"];
      await runPackage(folder, "@arethetypeswrong/cli@0.18.5", "attw", tarball, ...left);
    }
  });
});
