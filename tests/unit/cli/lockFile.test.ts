import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** An entry of package-lock.json, as far as it is looked at. */
interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly os?: readonly string[];
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const file = join(__dirname, "..", "..", "..", "package-lock.json");
const { packages } = JSON.parse(readFileSync(file, "utf8")) as { packages: Readonly<Record<string, Entry>> };

describe("package-lock.json", () => {
  // A registry mirror that lacks another system's package makes `npm install` leave it out without a word; then `npm ci`
  // refuses the file on every system, and on that one a part is missing.
  it("has the optional packages of every system, marked optional and with their systems", () => {
    const missing: string[] = [];
    for (const [name, { optionalDependencies = {} }] of Object.entries(packages)) {
      for (const dependency of Object.keys(optionalDependencies)) {
        const places = [`${name}/node_modules/${dependency}`, `node_modules/${dependency}`];
        const entry = places.map((place) => packages[place]).find((found) => found !== undefined);
        if (entry?.optional !== true) missing.push(`${name}: ${dependency}`);
      }
    }
    assert.deepEqual(missing, []);
    for (const system of ["win32", "darwin", "linux"]) {
      assert.ok(
        packages[`node_modules/@swc/core-${system}-x64${{ win32: "-msvc", linux: "-gnu" }[system] ?? ""}`],
        system,
      );
    }
  });

  it("names no registry: each user has their own", () => {
    const naming = Object.entries(packages).filter(([, { resolved }]) => resolved?.includes("://"));
    assert.deepEqual(naming, []);
  });
});
