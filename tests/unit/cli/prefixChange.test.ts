import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkPrefix, prefixConflict } from "../../../cli/pulumi/prefixChange";
import { stateFile } from "../../../cli/pulumi/stackState";

const HUB = "azure-native:iothub:IotHubResource";

const settings = (entries: Readonly<Record<string, string>>): string =>
  ["config:", ...Object.entries(entries).map(([key, value]) => `  azure-iot-zero-touch:${key}: ${value}`)].join("\n");

const state = (logical: string, resourceName: string, more: object = {}): string => {
  const urn = `urn:pulumi:dev::azure-iot-zero-touch::zero-touch:iot:IotHub$${HUB}::${logical}`;
  return JSON.stringify({
    version: 3,
    checkpoint: { latest: { resources: [{ urn, type: HUB, inputs: { resourceName }, ...more }] } },
  });
};

describe("a changed prefix", () => {
  it("is refused while the stack's resource keeps its fixed name", () => {
    const conflict = { key: "hubName", name: "Hub-1", prefix: "zero-touch" };
    assert.deepEqual(
      prefixConflict(settings({ prefix: "line", hubName: "Hub-1" }), state("zero-touch-hub", "hub-1")),
      conflict,
    );
    const back = prefixConflict(settings({ hubName: "Hub-1" }), state("line-hub", "Hub-1"));
    assert.deepEqual(back, { ...conflict, prefix: "line" });
  });

  it("is accepted with generated or new names, and where nothing is replaced", () => {
    const accepted = [
      [{ prefix: "line" }, state("zero-touch-hub", "hub-1")],
      [{ prefix: "line", hubName: "hub-2" }, state("zero-touch-hub", "hub-1")],
      [{ prefix: "line", hubName: "hub-1" }, state("line-hub", "hub-1")],
      [{ prefix: "line", hubName: "hub-1" }, state("zero-touch-hub", "hub-1", { delete: true })],
      [{ prefix: "line", hubName: "hub-1" }, '{"version":3}'],
    ] as const;
    for (const [given, text] of accepted) assert.equal(prefixConflict(settings(given), text), undefined);
  });

  it("is read from the stack's files, with field, rule and remedy in the error", () => {
    const root = mkdtempSync(join(tmpdir(), "prefix-"));
    const paths = { root, state: join(root, "state") };
    try {
      checkPrefix(paths);
      mkdirSync(dirname(stateFile(paths)), { recursive: true });
      writeFileSync(stateFile(paths), state("zero-touch-hub", "hub-1"));
      writeFileSync(join(root, "Pulumi.dev.yaml"), settings({ prefix: "line", hubName: "hub-1" }));
      assert.throws(() => checkPrefix(paths), { code: "PREFIX_OF_FIXED_NAME", message: /^prefix: .*hubName/ });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
