import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
}

describe("package-lock.json", () => {
  const { packages } = JSON.parse(readFileSync(resolve(__dirname, "../../package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, Locked>>;
  };
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
