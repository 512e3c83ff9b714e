import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { packageFolders } from "../../cli/commands/build";
import { apiReport } from "../cast/apiReport";
import { externalImports } from "../cast/imports";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const ROOT = resolve(__dirname, "../..");
const readJson = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), "utf8")) as T;

describe("the published packages", () => {
  const checkout = readJson<Manifest>(ROOT, "package.json");
  const pinned: Readonly<Record<string, string>> = { ...checkout.devDependencies, ...checkout.dependencies };

  for (const folder of packageFolders(ROOT)) {
    const manifest = readJson<Manifest>(folder, "package.json");
    const required: Readonly<Record<string, string>> = { ...manifest.dependencies, ...manifest.peerDependencies };

    it(`${manifest.name} has the checkout's version, and the versions of what it needs from there`, () => {
      assert.equal(manifest.version, checkout.version);
      for (const [name, range] of Object.entries(required)) assert.equal(range, `^${pinned[name]}`, name);
    });

    it(`${manifest.name} needs what its files import, and nothing else`, () => {
      const { files } = readJson<{ readonly files: readonly string[] }>(folder, "tsconfig.json");
      const entries = files.map((file) => resolve(folder, file));
      assert.deepEqual(Object.keys(required).sort(), externalImports(entries));
    });

    it(`${manifest.name} declares what its api.txt says; UPDATE_DOCS=1 writes it`, () => {
      const file = join(folder, "api.txt");
      const report = apiReport(ROOT, folder);
      if (process.env.UPDATE_DOCS === "1") writeFileSync(file, report);
      assert.equal(readFileSync(file, "utf8"), report);
    }).timeout(60_000);
  }
});

describe("package-lock.json", () => {
  const { packages } = readJson<{
    packages: Readonly<Record<string, Locked>>;
  }>(ROOT, "package-lock.json");
  const installed = Object.entries(packages).filter(([path]) => path !== "");

  it("has a hash of every package, those of other platforms too, so that npm ci checks it", () => {
    assert.ok(installed.length > 100);
    const without = installed.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ""));
    assert.deepEqual(
      without.map(([path]) => path),
      [],
    );
  });

  it("has only majors that the oldest supported Node can run, and Dependabot leaves the others alone", () => {
    const root = resolve(__dirname, "../..");
    const { engines } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8")) as {
      engines: { readonly node: string };
    };
    const decision = readFileSync(resolve(root, "docs/decisions/0025-majors-of-dependencies.md"), "utf8");
    const dependabot = readFileSync(resolve(root, ".github/dependabot.yml"), "utf8");
    assert.equal(engines.node, ">=20");
    const kept = [...decision.matchAll(/^\| ([@\w/]+)(?: \(\w+\))? \| (\d+) \|/gm)];
    assert.equal(kept.length, 6);
    for (const [, name = "", major] of kept) {
      assert.equal(packages[`node_modules/${name}`]?.version?.split(".")[0], major, name);
      assert.match(dependabot, new RegExp(`dependency-name: "?${name}"?\\n`), name);
    }
  });

  it("names no place that packages come from, so that each user's own registry serves", () => {
    assert.deepEqual(
      installed.filter(([, { resolved }]) => resolved !== undefined),
      [],
    );
  });
});
