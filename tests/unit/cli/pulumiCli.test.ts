import { strict as assert } from "node:assert";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { SetupError } from "../../../bootstrap/setupError.cjs";
import { sources } from "../../../cli/pulumi/cliSources";
import {
  addLaunchers,
  cliIn,
  cliOnPath,
  executable,
  findCli,
  preparedCli,
  preparedFolder,
  type Source,
} from "../../../cli/pulumi/pulumiCli";

const DYNAMIC = "pulumi-resource-pulumi-nodejs";

const ALL = [
  executable("pulumi"),
  executable("pulumi-language-nodejs"),
  "pulumi-resource-pulumi-nodejs",
  "pulumi-resource-pulumi-nodejs.cmd",
];

describe("cli/pulumi/pulumiCli", () => {
  let folder = "";
  let memory = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cli-"));
    memory = join(folder, "memory", "on-path.json");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A folder with executables that only look like the CLI: nothing is run. */
  function install(name: string, files: readonly string[] = ALL): string {
    const place = join(folder, name);
    mkdirSync(place, { recursive: true });
    for (const file of files) {
      writeFileSync(join(place, file), "");
      chmodSync(join(place, file), 0o755);
    }
    return place;
  }
  const found = (place: string) => ({ file: join(place, executable("pulumi")), folder: place });

  it("looks in the order PATH, cache, download, Go", () => {
    const names = sources({ cache: folder }, { PATH: "" }).map(({ name }) => name);
    assert.deepEqual(names, ["PATH", "the cache folder", "Pulumi's download", "Go"]);
  });

  it("uses the first source that has one, and no later one", async () => {
    const asked: string[] = [];
    const source = (name: string, has: boolean): Source => ({
      name,
      find: async (note) => {
        asked.push(name);
        if (!has) note(`no ${name}`);
        return has ? found(name) : undefined;
      },
    });
    assert.deepEqual(await findCli([source("a", false), source("b", true), source("c", true)]), found("b"));
    assert.deepEqual(asked, ["a", "b"]);
    await assert.rejects(findCli([source("a", false), source("b", false)]), (error: SetupError) => {
      assert.equal(error.code, "NO_PULUMI_CLI");
      assert.equal(error.why, "no a\nno b");
      assert.equal(error.remedies.length, 2);
      return true;
    });
  });

  it("uses the CLI on PATH if its version is accepted, and runs it once", async () => {
    const place = install("good");
    let asked = 0;
    const path = [join(folder, "nowhere"), place].join(delimiter);
    const source = cliOnPath(path, memory, async () => `v3.${256 + asked++}.0`);
    assert.deepEqual(await source.find(assert.fail), found(place));
    assert.deepEqual(await source.find(assert.fail), found(place));
    assert.equal(asked, 1);
    writeFileSync(join(place, executable("pulumi")), "another");
    assert.deepEqual(await source.find(assert.fail), found(place));
    assert.equal(asked, 2);
  });

  for (const [what, files, version, reason] of [
    ["too old", ALL, "v3.255.1", /^the pulumi on PATH is v3\.255\.1; 3\.256\.0 or a newer 3\.x is needed$/],
    ["without a language host", ALL.slice(0, 1), "v3.256.0", /pulumi(\.exe)? has no pulumi-language-nodejs beside it$/],
    [
      "without the dynamic plugin",
      ALL.slice(0, 2),
      "v3.256.0",
      /pulumi(\.exe)? has no pulumi-resource-pulumi-nodejs beside it$/,
    ],
  ] as const) {
    it(`passes by a CLI on PATH that is ${what}, and says so`, async () => {
      const reasons: string[] = [];
      const source = cliOnPath(install("bad", files), memory, async () => version);
      assert.equal(await source.find((text) => reasons.push(text)), undefined);
      assert.equal(reasons.length, 1);
      assert.match(reasons[0] ?? "", reason);
    });
  }

  it("ignores a PATH without one", async () => {
    const reasons: string[] = [];
    const source = cliOnPath(folder, memory, async () => assert.fail("nothing to ask"));
    assert.equal(await source.find((text) => reasons.push(text)), undefined);
    assert.deepEqual(reasons, ["there is no pulumi on PATH"]);
  });

  it("uses the one prepared earlier, but not a partial one", async () => {
    const source = preparedCli(folder);
    assert.equal(await source.find(assert.fail), undefined);
    mkdirSync(preparedFolder(folder), { recursive: true });
    assert.equal(await source.find(assert.fail), undefined);
    const place = preparedFolder(folder);
    install(place.slice(folder.length + 1), ALL.slice(0, 2));
    assert.deepEqual(await source.find(assert.fail), found(place));
  });

  it("puts the dynamic plugin beside a prepared CLI", () => {
    const place = install("prepared", ALL.slice(0, 2));
    const root = join(__dirname, "..", "..", "..");
    addLaunchers(found(place), root);
    assert.ok(existsSync(join(place, process.platform === "win32" ? `${DYNAMIC}.cmd` : DYNAMIC)));
    assert.deepEqual(cliIn(place), found(place));
  });

  // On Windows it is Pulumi's own script, which is copied whole.
  const onPosix = process.platform === "win32" ? () => undefined : it;
  onPosix("replaces the dynamic plugin's launcher of an earlier version, and leaves today's alone", () => {
    const place = install("earlier", ALL.slice(0, 2));
    writeFileSync(join(place, DYNAMIC), "#!/bin/sh\nold\n");
    addLaunchers(found(place), folder);
    const first = statSync(join(place, DYNAMIC));
    assert.match(readFileSync(join(place, DYNAMIC), "utf8"), /exec node \$nodeargs/);
    assert.equal(first.mode & 0o777, 0o755);
    addLaunchers(found(place), folder);
    assert.equal(statSync(join(place, DYNAMIC)).ino, first.ino);
  });
});
