import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathsOf } from "../../../cli/checkoutPaths";
import { keptSettings, keptSettingsNote } from "../../../cli/pulumi/keptSettings";

describe("cli/pulumi/keptSettings", () => {
  const initial = readFileSync(join(__dirname, "..", "..", "..", "Pulumi.dev.yaml"), "utf8");

  it("finds none in the repository's file", () => {
    assert.deepEqual(keptSettings(initial), []);
    assert.equal(keptSettingsNote(pathsOf("/nowhere")), "");
  });

  it("lists what a try has set, and not what is below it", () => {
    const tried = `${initial}  azure-iot-zero-touch:revoked:\n    - dev-1\n  azure-iot-zero-touch:prefix: other\n  other:key:\n    secure: v1:x:y\n`;
    assert.deepEqual(keptSettings(tried), ["revoked", "prefix", "other:key"]);
    assert.deepEqual(keptSettings(tried.replaceAll("\n", "\r\n")), ["revoked", "prefix", "other:key"]);
    assert.deepEqual(keptSettings(""), []);
  });
});
