import { strict as assert } from "node:assert";
import { readGovernance } from "../../../settings/governanceSettings";
import { type Fault, SettingsReader } from "../../../settings/settingsReader";

function governance(given: Readonly<Record<string, string>>) {
  const read = new SettingsReader((key) => given[key]);
  return { settings: readGovernance(read), faults: read.faults as readonly Fault[] };
}

describe("settings of governance", () => {
  it("ask for TLS 1.2 by default, and for nothing else", () => {
    const { settings, faults } = governance({});
    assert.deepEqual(settings, {
      tags: {},
      protect: false,
      minimumTls: "1.2",
      localAuth: "enabled",
      keepImported: false,
    });
    assert.deepEqual(faults, []);
  });

  it("read tags, whose values may hold an equals sign", () => {
    const { settings, faults } = governance({
      tags: '["team=iot","note=a=b","empty="]',
      protect: "true",
      minimumTls: "azureDefault",
      localAuth: "serviceOnly",
    });
    assert.deepEqual(settings.tags, { team: "iot", note: "a=b", empty: "" });
    assert.deepEqual([settings.protect, settings.minimumTls, settings.localAuth], [true, undefined, "serviceOnly"]);
    assert.deepEqual(faults, []);
  });

  it("refuse tags that Azure refuses, each at its place", () => {
    const tags = ["plain", "=value", "a<b=1", "microsoft.x=1", `long=${"v".repeat(257)}`];
    const { faults } = governance({ tags: JSON.stringify(tags) });
    assert.deepEqual(
      faults.map(({ key }) => key),
      tags.map((_, index) => `tags[${index}]`),
    );
    assert.match(faults[0]?.rule ?? "", /a tag is name=value/);
    assert.match(faults[3]?.rule ?? "", /are Azure's/);
    assert.match(faults[4]?.rule ?? "", /at most 256 characters/);
    assert.match(governance({ tags: '["Windows=1"]' }).faults[0]?.rule ?? "", /are Azure's/);
    assert.deepEqual(governance({ tags: JSON.stringify(["my-azure=1", `long=${"v".repeat(256)}`]) }).faults, []);
  });

  it("refuse a tag named twice, and more tags than Azure keeps", () => {
    assert.match(governance({ tags: '["Team=a","team=b"]' }).faults[0]?.rule ?? "", /named twice/);
    assert.equal(governance({ tags: '["Team=a","team=b"]' }).faults[0]?.key, "tags");
    const many = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => `t${index}=`));
    assert.deepEqual(governance({ tags: many(50) }).faults, []);
    assert.match(governance({ tags: many(51) }).faults[0]?.rule ?? "", /at most 50 tags/);
    assert.equal(governance({ tags: many(51) }).faults[0]?.key, "tags");
  });

  it("take each word, and tell true from false", () => {
    for (const word of ["true", "false"]) {
      const { settings, faults } = governance({ protect: word, keepImported: word });
      assert.deepEqual([settings.protect, settings.keepImported], [word === "true", word === "true"]);
      assert.deepEqual(faults, []);
    }
  });

  it("refuse words that they do not know", () => {
    const { faults } = governance({ protect: "yes", minimumTls: "1.0", localAuth: "disabled" });
    assert.deepEqual(faults.map(({ key }) => key).sort(), ["localAuth", "minimumTls", "protect"]);
    assert.match(faults.find(({ key }) => key === "localAuth")?.rule ?? "", /enabled, serviceOnly/);
  });
});
