import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import {
  type Fault,
  faultMessage,
  ownKeys,
  readSettings,
  type Settings,
  type Source,
} from "../../../settings/settings";

const LOCAL = { ZERO_TOUCH_CLOUD: "local" };
const GIVEN: Readonly<Record<string, string>> = { "azure-native:location": "westeurope", cloud: "local" };
const source =
  (more: Readonly<Record<string, string>> = {}): Source =>
  (key) =>
    more[key] ?? GIVEN[key];

function good(more?: Readonly<Record<string, string>>): Settings {
  const settings = readSettings(source(more), LOCAL);
  assert.ok("cloud" in settings, JSON.stringify(settings));
  return settings;
}

function faults(more: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = LOCAL): readonly Fault[] {
  const result = readSettings(source(more), env);
  assert.ok(Array.isArray(result), "there should be faults");
  return result;
}

describe("settings", () => {
  it("have defaults for everything but the location and the cloud", () => {
    const settings = good();
    assert.deepEqual(settings.hub, { name: undefined, sku: "S1", units: 1 });
    assert.equal(settings.authority.keyAlgorithm, "EC-P256");
    assert.equal(settings.root.verification, "proofOfPossession");
    assert.deepEqual(settings.groupDevices, ["group-device-01"]);
    assert.deepEqual(settings.individualDevices, [{ registrationId: "individual-device-01", deviceId: "sensor-01" }]);
  });

  it("tell every fault at once, each with field, value, rule and way out", () => {
    const found = faults({ hubUnits: "500", hubName: "a b", keyAlgorithm: "DSA", verification: "yes", prefix: "-" });
    assert.deepEqual(found.map(({ key }) => key).sort(), [
      "hubName",
      "hubUnits",
      "keyAlgorithm",
      "prefix",
      "verification",
    ]);
    const message = faultMessage("dev", found);
    assert.match(message, /stack "dev" has 5 faults; nothing was changed/);
    assert.match(
      message,
      /hubUnits = "500": must be a whole number from 1 to 200\n {4}Way out: pulumi config set hubUnits 1/,
    );
  });

  it("refuse keys that nobody reads, name the one that was meant, and tell no value of theirs", () => {
    const set = ["hubSku", "hubSkuu", "protected", "Cloud", "db-password"];
    const found = readSettings(source({ "db-password": "hunter2" }), LOCAL, set) as readonly Fault[];
    assert.deepEqual(
      found.map(({ key, rule }) => [key, rule]),
      [
        ["hubSkuu", "there is no such key; hubSku is probably meant"],
        ["protected", "there is no such key; protect is probably meant"],
        ["Cloud", "there is no such key; cloud is probably meant"],
        ["db-password", "there is no such key"],
      ],
    );
    assert.match(faultMessage("dev", found), /Way out: pulumi config rm hubSkuu; the keys are in Pulumi\.yaml/);
    assert.doesNotMatch(faultMessage("dev", found), /hunter2/);
  });

  it("know every key of Pulumi.yaml, and nothing of other namespaces is theirs", () => {
    const file = join(__dirname, "..", "..", "..", "Pulumi.yaml");
    const { config } = parse(readFileSync(file, "utf8")) as { config: Readonly<Record<string, unknown>> };
    const keys = Object.keys(config).filter((key) => !key.includes(":"));
    assert.ok(keys.length > 30);
    assert.ok("cloud" in readSettings(source(), LOCAL, keys));
    assert.deepEqual(
      ownKeys({ "azure-iot-zero-touch:hubSku": "S1", "azure-native:location": "x" }, "azure-iot-zero-touch"),
      ["hubSku"],
    );
  });

  it("need a location", () => {
    const [fault] = readSettings((key) => (key === "cloud" ? "local" : undefined), LOCAL) as readonly Fault[];
    assert.equal(fault?.key, "azure-native:location");
  });

  it("hold units against the tier", () => {
    assert.equal(faults({ hubSku: "F1", hubUnits: "2" })[0]?.rule, "a hub of tier F1 has at most 1");
    assert.equal(faults({ hubSku: "S3", hubUnits: "11" })[0]?.rule, "a hub of tier S3 has at most 10");
    assert.equal(good({ hubSku: "S3", hubUnits: "10" }).hub.units, 10);
  });

  it("hold lifetimes against one another", () => {
    const found = faults({ rootLifetimeDays: "10", intermediateLifetimeDays: "11", deviceLifetimeDays: "12" });
    assert.deepEqual(
      found.map(({ key, rule }) => [key, rule]),
      [
        ["intermediateLifetimeDays", "not longer than rootLifetimeDays = 10"],
        ["deviceLifetimeDays", "not longer than intermediateLifetimeDays = 11"],
      ],
    );
  });

  it("refuse a root and an intermediate of one name", () => {
    assert.equal(faults({ rootName: "A", intermediateName: "A" })[0]?.key, "intermediateName");
  });

  it("name the entry of a list that is wrong", () => {
    const found = faults({ groupDevices: '["ok","not ok"]', individualDevices: "nothing" });
    assert.deepEqual(
      found.map(({ key }) => key),
      ["groupDevices[1]", "individualDevices"],
    );
  });

  it("refuse an ID twice: registration IDs whatever their letter case, device IDs with it", () => {
    assert.match(
      faults({ groupDevices: '["Dev-1"]', individualDevices: '["dev-1=x"]' })[0]?.rule ?? "",
      /registration ID is used twice/,
    );
    assert.match(
      faults({ groupDevices: "[]", individualDevices: '["a=x","b=x"]' })[0]?.rule ?? "",
      /device ID is used twice/,
    );
    assert.equal(good({ groupDevices: "[]", individualDevices: '["a=X","b=x"]' }).individualDevices.length, 2);
    const told = faults({ groupDevices: '["a","A","b"]', individualDevices: '["c=b","d","D"]' });
    assert.deepEqual(
      told.map(({ key, value, rule }) => [key, value, rule]),
      [
        ["groupDevices", "A", "the registration ID is used twice"],
        ["individualDevices", "D", "the registration ID is used twice"],
        ["individualDevices", "b", "the device ID is used twice"],
      ],
    );
  });

  it("leave the number of a CA generation the room that it takes, in characters", () => {
    const long = (length: number, generations: string) => ({
      rootName: "\u{1f511}".repeat(length),
      caGenerations: generations,
    });
    assert.equal([...good(long(62, '["1","2"]')).authority.rootName].length, 62);
    assert.equal(faults(long(63, '["1","2"]'))[0]?.key, "rootName");
    assert.equal(faults(long(60, '["1000"]'))[0]?.key, "rootName");
    good(long(64, '["1"]'));
  });

  it("ask for a region that can be one", () => {
    for (const location of ["   ", "", "-", "1234", `w${"e".repeat(80)}`])
      assert.deepEqual(
        faults({ "azure-native:location": location }).map(({ key }) => key),
        ["azure-native:location"],
      );
    assert.equal(good({ "azure-native:location": "West Europe" }).location, "West Europe");
  });

  it("split an individual device at the first equals sign only", () => {
    const [device] = good({ individualDevices: '["a=b=c"]' }).individualDevices;
    assert.deepEqual(device, { registrationId: "a", deviceId: "b=c" });
  });

  it("take registration IDs and adopted enrollments in any letter case, and an ETag with equals signs", () => {
    const { revoked, adopt } = good({ revoked: '["Dev-1"]', adopt: '["Sample-Group","individual-device-01=a=="]' });
    assert.deepEqual([...revoked], ["dev-1"]);
    const [sha1, sha256] = ["ab".repeat(20), Array.from({ length: 32 }, () => "0F").join(":")];
    const prints = good({ revoked: JSON.stringify([sha1, sha256, "dev-2", `id=${sha1}`, "AB:CD"]) });
    assert.deepEqual([...prints.revokedThumbprints], [sha1.toUpperCase(), "0F".repeat(32)]);
    assert.deepEqual([...prints.revoked], ["dev-2", sha1, "ab:cd"]);
    assert.deepEqual(
      [...adopt],
      [
        ["sample-group", true],
        ["individual-device-01", "a=="],
      ],
    );
    assert.equal(faults({ revoked: '["no good"]' })[0]?.key, "revoked[0]");
    assert.match(faults({ revoked: '["id=no good"]' })[0]?.rule ?? "", /"no good" is not a valid registration ID/);
    assert.match(faults({ individualsFile: "a.xlsx" })[0]?.rule ?? "", /must end in \.csv, \.json, \.jsonl/);
    assert.equal(good({ individualsFile: "a.CSV" }).individualsFile, "a.CSV");
    assert.deepEqual(good({ individualsFile: "a.csv", adopt: '["listed-01"]' }).adopt.get("listed-01"), true);
    assert.equal(good({ individualsFile: "a.csv", enrollmentKeys: "keyVault" }).keyVault.enrollmentKeys, "keyVault");
    assert.deepEqual(
      faults({ enrollmentKeys: "keyVault" }).map(({ key, remedy }) => [key, remedy]),
      [["enrollmentKeys", "set individualsFile, or take enrollmentKeys out"]],
    );
    assert.deepEqual(
      faults({ adopt: '["elsewhere"]' }).map(({ key, value, rule }) => [key, value, rule]),
      [["adopt", "elsewhere", "this stack has no enrollment of that ID"]],
    );
  });

  it("take one CA generation, or two different ones", () => {
    assert.deepEqual(good().generations, ["1"]);
    assert.deepEqual(good({ caGenerations: "[1,2]" }).generations, ["1", "2"]);
    for (const wrong of ["[]", '["1","2","3"]', '["2","2"]'])
      assert.match(faults({ caGenerations: wrong })[0]?.rule ?? "", /^one generation, or two different ones/);
    assert.equal(faults({ caGenerations: '["next"]' })[0]?.key, "caGenerations[0]");
    const long = "r".repeat(63);
    assert.equal(good({ rootName: long }).authority.rootName, long);
    assert.equal(faults({ rootName: long, caGenerations: '["2"]' })[0]?.key, "rootName");
  });

  it("have days for renewal and for warnings", () => {
    const { device, authority } = good({ renewBeforeDays: "0", expiryWarningDays: "60" });
    assert.deepEqual([device.renewBeforeDays, device.expiryWarningDays, authority.expiryWarningDays], [0, 60, 60]);
    assert.equal(good().device.renewBeforeDays, 30);
    assert.equal(faults({ expiryWarningDays: "-1" })[0]?.key, "expiryWarningDays");
  });

  it("refuse a stack of another cloud, either way", () => {
    assert.match(faults({}, {})[0]?.rule ?? "", /does not point at it/);
    assert.match(faults({ cloud: "public" })[0]?.rule ?? "", /this shell points at the local Azure/);
    const publicly = readSettings(source({ cloud: "public" }), {});
    assert.ok("cloud" in publicly);
  });

  it("never throw and never pass a number out of its limits, whatever is given", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (hubUnits, groupDevices, prefix) => {
        const result = readSettings(source({ hubUnits, groupDevices, prefix }), LOCAL);
        if (!("cloud" in result)) return result.length > 0;
        return result.hub.units >= 1 && result.hub.units <= 200 && /^[A-Za-z0-9-]{1,30}$/.test(result.prefix);
      }),
    );
  });
});
