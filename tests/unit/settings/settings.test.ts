import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import { errorMessage } from "../../../settings/loadSettings";
import { ownKeys, readSettings } from "../../../settings/readSettings";
import type { Settings } from "../../../settings/settings";
import type { SettingError, Source } from "../../../settings/settingsReader";
import { matchEach } from "../../cast/matchEach";

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

function errors(more: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = LOCAL): readonly SettingError[] {
  const result = readSettings(source(more), env);
  assert.ok(Array.isArray(result), "there should be errors");
  return result;
}

describe("settings", () => {
  it("have defaults for everything but the location and the cloud", () => {
    const settings = good();
    assert.deepEqual(settings.hub, { name: undefined, sku: "S1", units: 1 });
    assert.equal(settings.authority.keyAlgorithm, "EC-P256");
    assert.equal(settings.verification, "proofOfPossession");
    assert.deepEqual(settings.groupDevices, ["group-device-01"]);
    assert.deepEqual(settings.individualDevices, [{ registrationId: "individual-device-01", deviceId: "sensor-01" }]);
  });

  it("report every error at once, each with key, value, rule and remedy", () => {
    const found = errors({ hubUnits: "500", hubName: "a b", keyAlgorithm: "DSA", verification: "yes", prefix: "-" });
    assert.deepEqual(found.map(({ key }) => key).sort(), [
      "hubName",
      "hubUnits",
      "keyAlgorithm",
      "prefix",
      "verification",
    ]);
    const message = errorMessage("dev", found);
    assert.match(message, /stack "dev" has 5 errors; nothing was changed/);
    assert.match(
      message,
      /hubUnits = "500": must be a whole number from 1 to 200\n {4}To fix: pulumi config set hubUnits 1/,
    );
  });

  it("refuse unknown keys, suggest the nearest one, and show no value", () => {
    const set = ["hubSku", "hubSkuu", "protected", "Cloud", "db-password"];
    const found = readSettings(source({ "db-password": "hunter2" }), LOCAL, set) as readonly SettingError[];
    matchEach(
      found.map(({ key, rule }) => `${key}: ${rule}`),
      /^hubSkuu: .*no such key; .* hubSku\?$/,
      /^protected: .*no such key; .* protect\?$/,
      /^Cloud: .*no such key; .* cloud\?$/,
      /^db-password: .*no such key$/,
    );
    assert.match(errorMessage("dev", found), /To fix: pulumi config rm hubSkuu; the keys are in Pulumi\.yaml/);
    assert.doesNotMatch(errorMessage("dev", found), /hunter2/);
  });

  it("know every key of Pulumi.yaml, and ignore other namespaces", () => {
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

  it("require a location", () => {
    const [error] = readSettings((key) => (key === "cloud" ? "local" : undefined), LOCAL) as readonly SettingError[];
    assert.equal(error?.key, "azure-native:location");
  });

  it("check units against the tier", () => {
    assert.match(errors({ hubSku: "F1", hubUnits: "2" })[0]?.rule ?? "", /tier F1 .*at most 1$/);
    assert.match(errors({ hubSku: "S3", hubUnits: "11" })[0]?.rule ?? "", /tier S3 .*at most 10$/);
    assert.equal(good({ hubSku: "S3", hubUnits: "10" }).hub.units, 10);
  });

  it("check lifetimes against one another", () => {
    const found = errors({ rootLifetimeDays: "10", intermediateLifetimeDays: "11", deviceLifetimeDays: "12" });
    assert.deepEqual(
      found.map(({ key, rule }) => [key, rule]),
      [
        ["intermediateLifetimeDays", "not longer than rootLifetimeDays = 10"],
        ["deviceLifetimeDays", "not longer than intermediateLifetimeDays = 11"],
      ],
    );
  });

  it("refuse a root and an intermediate of one name", () => {
    assert.equal(errors({ rootName: "A", intermediateName: "A" })[0]?.key, "intermediateName");
  });

  it("report the invalid entry of a list", () => {
    const found = errors({ groupDevices: '["ok","not ok"]', individualDevices: "nothing" });
    assert.deepEqual(
      found.map(({ key }) => key),
      ["groupDevices[1]", "individualDevices"],
    );
  });

  it("refuse an ID twice: registration IDs whatever their letter case, device IDs with it", () => {
    assert.match(
      errors({ groupDevices: '["Dev-1"]', individualDevices: '["dev-1=x"]' })[0]?.rule ?? "",
      /registration ID is used twice/,
    );
    assert.match(
      errors({ groupDevices: "[]", individualDevices: '["a=x","b=x"]' })[0]?.rule ?? "",
      /device ID is used twice/,
    );
    assert.equal(good({ groupDevices: "[]", individualDevices: '["a=X","b=x"]' }).individualDevices.length, 2);
    const duplicates = errors({ groupDevices: '["a","A","b"]', individualDevices: '["c=b","d","D"]' });
    assert.deepEqual(
      duplicates.map(({ key, value, rule }) => [key, value, rule]),
      [
        ["groupDevices", "A", "the registration ID is used twice"],
        ["individualDevices", "D", "the registration ID is used twice"],
        ["individualDevices", "b", "the device ID is used twice"],
      ],
    );
  });

  it("reserve room for the number of a CA generation, in characters", () => {
    const long = (length: number, generations: string) => ({
      rootName: "\u{1f511}".repeat(length),
      caGenerations: generations,
    });
    assert.equal([...good(long(62, '["1","2"]')).authority.rootName].length, 62);
    assert.equal(errors(long(63, '["1","2"]'))[0]?.key, "rootName");
    assert.equal(errors(long(60, '["1000"]'))[0]?.key, "rootName");
    good(long(64, '["1"]'));
  });

  it("require a plausible region", () => {
    for (const location of ["   ", "", "-", "1234", `w${"e".repeat(80)}`])
      assert.deepEqual(
        errors({ "azure-native:location": location }).map(({ key }) => key),
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
    assert.deepEqual(adopt, { "sample-group": true, "individual-device-01": "a==" });
    assert.equal(errors({ revoked: '["no good"]' })[0]?.key, "revoked[0]");
    assert.match(errors({ revoked: '["id=no good"]' })[0]?.rule ?? "", /"no good" is not a valid registration ID/);
    assert.match(errors({ individualsFile: "a.xlsx" })[0]?.rule ?? "", /must end in \.csv, \.json, \.jsonl/);
    assert.equal(good({ individualsFile: "a.CSV" }).individualsFile, "a.CSV");
    assert.deepEqual(good({ individualsFile: "a.csv", adopt: '["listed-01"]' }).adopt, { "listed-01": true });
    assert.equal(good({ individualsFile: "a.csv", enrollmentKeys: "keyVault" }).enrollmentKeys, "keyVault");
    matchEach(
      errors({ enrollmentKeys: "keyVault" }).map(({ key, value, rule }) => `${key} = ${value}: ${rule}`),
      /^enrollmentKeys = keyVault: keeps keys of the enrollments in individualsFile/,
    );
    matchEach(
      errors({ adopt: '["elsewhere"]' }).map(({ key, value, rule }) => `${key} = ${value}: ${rule}`),
      /^adopt = elsewhere: .*no enrollment or root/,
    );
  });

  it("take disabled enrollments of the stack in any letter case, and refuse others", () => {
    const disabledEnrollments = '["Sample-Group","Individual-Device-01","sample-group"]';
    assert.deepEqual(good({ disabledEnrollments }).disabledEnrollments, ["sample-group", "individual-device-01"]);
    assert.deepEqual(good().disabledEnrollments, []);
    assert.equal(errors({ disabledEnrollments: '["elsewhere"]' })[0]?.key, "disabledEnrollments");
    assert.equal(errors({ disabledEnrollments: '["no good"]' })[0]?.key, "disabledEnrollments[0]");
    const listed = { individualsFile: "a.csv", disabledEnrollments: '["listed-01"]' };
    assert.deepEqual(good(listed).disabledEnrollments, ["listed-01"]);
  });

  it("take one CA generation, or two different ones", () => {
    assert.deepEqual(good().generations, ["1"]);
    assert.deepEqual(good({ caGenerations: "[1,2]" }).generations, ["1", "2"]);
    for (const wrong of ["[]", '["1","2","3"]', '["2","2"]'])
      assert.match(errors({ caGenerations: wrong })[0]?.rule ?? "", /^one generation, or two different ones/);
    assert.equal(errors({ caGenerations: '["next"]' })[0]?.key, "caGenerations[0]");
    const long = "r".repeat(63);
    assert.equal(good({ rootName: long }).authority.rootName, long);
    assert.equal(errors({ rootName: long, caGenerations: '["2"]' })[0]?.key, "rootName");
  });

  it("read days for renewal and for warnings", () => {
    const { device, authority } = good({ renewBeforeDays: "0", expiryWarningDays: "60" });
    assert.deepEqual([device.renewBeforeDays, device.expiryWarningDays, authority.expiryWarningDays], [0, 60, 60]);
    assert.equal(good().device.renewBeforeDays, 30);
    assert.equal(errors({ expiryWarningDays: "-1" })[0]?.key, "expiryWarningDays");
  });

  it("refuse a stack of another cloud, either way", () => {
    assert.match(errors({}, {})[0]?.rule ?? "", /does not point at it/);
    assert.match(errors({ cloud: "public" })[0]?.rule ?? "", /this shell points at the local Azure/);
    const publicly = readSettings(source({ cloud: "public" }), {});
    assert.ok("cloud" in publicly);
  });

  it("never throw, and never return a number out of its limits, for any input", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (hubUnits, groupDevices, prefix) => {
        const result = readSettings(source({ hubUnits, groupDevices, prefix }), LOCAL);
        if (!("cloud" in result)) return result.length > 0;
        return result.hub.units >= 1 && result.hub.units <= 200 && /^[A-Za-z0-9-]{1,30}$/.test(result.prefix);
      }),
    );
  });
});
