import { strict as assert } from "node:assert";
import { readGovernance } from "../../../settings/governanceSettings";
import { SettingsReader } from "../../../settings/settingsReader";

function governance(given: Readonly<Record<string, string>>) {
  const read = new SettingsReader((key) => given[key]);
  return { settings: readGovernance(read), errors: read.errors };
}

describe("settings of governance", () => {
  it("require TLS 1.2 and a link by identity by default, and nothing else", () => {
    const { settings, errors } = governance({});
    assert.deepEqual(settings, {
      tags: undefined,
      protect: false,
      minimumTls: "1.2",
      linkBy: "identity",
      localAuth: "enabled",
      keepImported: false,
    });
    assert.deepEqual(errors, []);
  });

  it("read tags, whose values may hold an equals sign", () => {
    const { settings, errors } = governance({
      tags: '["team=iot","note=a=b","empty="]',
      protect: "true",
      minimumTls: "azureDefault",
      localAuth: "serviceOnly",
    });
    assert.deepEqual(settings.tags, { team: "iot", note: "a=b", empty: "" });
    assert.deepEqual(
      [settings.protect, settings.minimumTls, settings.localAuth],
      [true, "azureDefault", "serviceOnly"],
    );
    assert.deepEqual(errors, []);
  });

  it("refuse tags that Azure refuses, each by its index", () => {
    const tags = ["plain", "=value", "a<b=1", "microsoft.x=1", `long=${"v".repeat(257)}`];
    const { errors } = governance({ tags: JSON.stringify(tags) });
    assert.deepEqual(
      errors.map(({ key }) => key),
      tags.map((_, index) => `tags[${index}]`),
    );
    assert.match(errors[0]?.rule ?? "", /a tag is name=value/);
    assert.match(errors[3]?.rule ?? "", /reserves/);
    assert.match(errors[4]?.rule ?? "", /at most 256 characters/);
    assert.match(governance({ tags: '["Windows=1"]' }).errors[0]?.rule ?? "", /reserves/);
    assert.deepEqual(governance({ tags: JSON.stringify(["my-azure=1", `long=${"v".repeat(256)}`]) }).errors, []);
  });

  it("refuse a tag set twice, and more than 50 tags", () => {
    assert.match(governance({ tags: '["Team=a","team=b"]' }).errors[0]?.rule ?? "", /set twice/);
    assert.equal(governance({ tags: '["Team=a","team=b"]' }).errors[0]?.key, "tags");
    const many = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => `t${index}=`));
    assert.deepEqual(governance({ tags: many(50) }).errors, []);
    assert.match(governance({ tags: many(51) }).errors[0]?.rule ?? "", /at most 50 tags/);
    assert.equal(governance({ tags: many(51) }).errors[0]?.key, "tags");
  });

  it("take true and false", () => {
    for (const word of ["true", "false"]) {
      const { settings, errors } = governance({ protect: word, keepImported: word });
      assert.deepEqual([settings.protect, settings.keepImported], [word === "true", word === "true"]);
      assert.deepEqual(errors, []);
    }
  });

  it("refuse unknown words", () => {
    const { errors } = governance({ protect: "yes", minimumTls: "1.0", localAuth: "disabled" });
    assert.deepEqual(errors.map(({ key }) => key).sort(), ["localAuth", "minimumTls", "protect"]);
    assert.match(errors.find(({ key }) => key === "localAuth")?.rule ?? "", /enabled, serviceOnly/);
  });
});
