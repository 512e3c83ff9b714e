import { strict as assert } from "node:assert";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "../../../bootstrap/progress.cjs";
import { goAskedFor, goTooOld } from "../../../cli/pulumi/buildCli";
import { clearHalfMade, prepared } from "../../../cli/pulumi/cliCache";
import { isSiteReachable } from "../../../cli/pulumi/downloadCli";
import { executable, preparedFolder } from "../../../cli/pulumi/pulumiCli";

const step: Progress = { update: () => {}, done: () => {}, quiet: () => {} };

function fill(folder: string): string {
  const bin = join(folder, "out");
  mkdirSync(bin);
  for (const name of ["pulumi", "pulumi-language-nodejs"])
    writeFileSync(join(bin, executable(name)), "", { mode: 0o755 });
  return bin;
}

describe("cli/pulumi/cliCache", () => {
  let cache = "";
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "prepare-"));
  });
  afterEach(() => rmSync(cache, { recursive: true }));

  it("puts a whole CLI under its final name and leaves nothing else", async () => {
    const cli = await prepared({ cache }, step, async (folder) => fill(folder));
    assert.equal(cli?.folder, preparedFolder(cache));
    assert.deepEqual(readdirSync(cache), ["pulumi-3.256.0"]);
  });

  it("builds it once for two concurrent runs", async () => {
    let made = 0;
    const make = async (folder: string) => {
      made += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return fill(folder);
    };
    await prepared({ cache }, step, make);
    const second = await prepared({ cache }, step, make);
    assert.equal(second?.folder, preparedFolder(cache));
    assert.equal(made, 1);
  });

  it("leaves no partial CLI if the build fails or is incomplete", async () => {
    const broken = prepared({ cache }, step, async () => {
      throw new Error("disk full");
    });
    await assert.rejects(broken, /disk full/);
    const less = await prepared({ cache }, step, async (folder) => {
      rmSync(join(fill(folder), executable("pulumi-language-nodejs")));
      return join(folder, "out");
    });
    assert.equal(less, undefined);
    assert.deepEqual(readdirSync(cache), []);
  });

  it("removes what a killed run left, and only that", () => {
    for (const name of ["making-5", "making-6", "pulumi-3.256.0", "making-x"]) mkdirSync(join(cache, name));
    clearHalfMade(cache, (pid) => pid === 6);
    assert.deepEqual(readdirSync(cache).sort(), ["making-6", "making-x", "pulumi-3.256.0"]);
    assert.ok(!existsSync(join(cache, "making-5")));
  });
});

describe("cli/pulumi/buildCli", () => {
  it("reads the Go release that a go.mod requires", () => {
    assert.equal(goAskedFor("module a\n\ngo 1.25.11\n\nrequire ()\n"), "1.25.11");
    assert.throws(() => goAskedFor("module a\n"), { name: "TypeError", message: "The go.mod has no go line." });
  });

  it("judges a Go by its version and by whether it may fetch another toolchain", () => {
    const asked = "1.25.11";
    assert.equal(goTooOld("go1.26.8", "local", asked), undefined);
    assert.equal(goTooOld("go1.25.11", "local", asked), undefined);
    assert.equal(goTooOld("go1.21.0", "auto", asked), undefined);
    const local = "Go 1.25.2 is too old to build the Pulumi CLI: 1.25.11 is needed (GOTOOLCHAIN is local)";
    assert.equal(goTooOld("go1.25.2", "local", asked), local);
    const old = "Go 1.20.14 is too old to build the Pulumi CLI: 1.25.11 is needed";
    assert.equal(goTooOld("go1.20.14", "auto", asked), old);
    assert.equal(goTooOld("devel", "local", asked), undefined);
  });
});

describe("cli/pulumi/downloadCli", () => {
  it("continues if the site does not respond or fails", async () => {
    const response =
      (status: number): typeof fetch =>
      async () =>
        new Response(null, { status });
    assert.equal(await isSiteReachable(response(200)), true);
    assert.equal(await isSiteReachable(response(503)), false);
    const offline: typeof fetch = async () => {
      throw new TypeError("fetch failed");
    };
    assert.equal(await isSiteReachable(offline), false);
  });
});
