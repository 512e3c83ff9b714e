import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

interface Locked {
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

  it("names no place that packages come from, so that each user's own registry serves", () => {
    assert.deepEqual(
      installed.filter(([, { resolved }]) => resolved !== undefined),
      [],
    );
  });
});
