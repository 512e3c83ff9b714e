import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as ts from "typescript";
import { productProgram } from "../../cast/productProgram";

const ROOT = resolve(__dirname, "../../..");
const INDEX = join(ROOT, "index.ts");

/** Arguments that block devices or harden the hub, by the file that declares them among the settings. */
const SECURITY_SETTINGS = {
  revoked: "settings/deviceSettings.ts",
  revokedThumbprints: "settings/deviceSettings.ts",
  minimumTls: "settings/governanceSettings.ts",
  localAuth: "settings/governanceSettings.ts",
  protect: "settings/governanceSettings.ts",
  verification: "settings/settings.ts",
} as const;

/** Arguments of components that must not be left out of a call, with the number of calls. A group has one of each call. */
const REQUIRED_ARGUMENTS = [
  { revoked: 2, minimumTls: 1, verification: 1 },
  { revokedThumbprints: 2, localAuth: 1 },
] as const;

describe("the program's arguments", function () {
  this.timeout(120_000);

  /** The compiler's errors in index.ts, with some files changed. */
  const errors = (changed: Readonly<Record<string, string>> = {}): readonly string[] => {
    const program = productProgram(changed);
    return program
      .getSemanticDiagnostics(program.getSourceFile(INDEX))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  };

  it("are named one by one: no spread of settings hides which a component takes", () => {
    assert.doesNotMatch(readFileSync(INDEX, "utf8"), /\.\.\.\(?settings\b/);
  });

  it("compile as they are", () => {
    assert.deepEqual(errors(), []);
  });

  // Changes whose errors differ share a compilation: each takes half a second.
  it("do not compile with a setting renamed, each of those that block devices or harden the hub", () => {
    const changed: Record<string, string> = {};
    for (const [name, file] of Object.entries(SECURITY_SETTINGS)) {
      const path = join(ROOT, file);
      const text = changed[path] ?? readFileSync(path, "utf8");
      changed[path] = text.replace(`readonly ${name}:`, `readonly ${name}Renamed:`);
      assert.notEqual(changed[path], text);
    }
    const found = errors(changed);
    for (const name of Object.keys(SECURITY_SETTINGS))
      assert.ok(
        found.some((message) => message.startsWith(`Property '${name}' does not exist on type`)),
        `${name}: ${found.join("\n")}`,
      );
  });

  for (const names of REQUIRED_ARGUMENTS) {
    it(`do not compile without the arguments ${Object.keys(names).join(", ")}, at each call`, () => {
      let without = readFileSync(INDEX, "utf8");
      const start = without.indexOf("const importOptions");
      for (const [name, calls] of Object.entries(names)) {
        const argument = new RegExp(`(?<!: )\\b${name}(?:: settings\\.${name})?,?(?=\\s(?!===))`, "g");
        const program = without.slice(start);
        assert.equal([...program.matchAll(argument)].length, calls);
        without = without.slice(0, start) + program.replace(argument, "");
      }
      const missing = errors({ [INDEX]: without }).filter((message) => !message.includes("never read"));
      for (const [name, calls] of Object.entries(names)) {
        const ofName = missing.filter((message) => message.includes(`Property '${name}' is missing in type`));
        assert.equal(ofName.length, calls, missing.join("\n"));
      }
    });
  }
});
