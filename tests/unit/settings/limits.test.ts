import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { errorMessage } from "../../../settings/loadSettings";
import { readSettings } from "../../../settings/readSettings";
import type { SettingError } from "../../../settings/settingsReader";
import { unknownKeys } from "../../../settings/unknownKeys";
import { matchEach } from "../../cast/matchEach";

type Given = Readonly<Record<string, string>>;

/** On Azure itself, where nothing but the region has to be named. */
const read = (given: Given) => readSettings((key) => ({ "azure-native:location": "westeurope", ...given })[key], {});

/** The rules that a key's values break. */
function rulesOf(key: string, given: Given): readonly string[] {
  const result = read(given);
  return "cloud" in result ? [] : result.filter((error) => error.key === key).map(({ rule }) => rule);
}

/** What is found with one key set alone. */
function only(key: string, value: string): SettingError | undefined {
  const result = read({ [key]: value });
  return "cloud" in result ? undefined : result[0];
}

describe("settings' defaults and limits", () => {
  it("are the defaults of Pulumi.yaml, key by key", () => {
    const text = readFileSync(join(__dirname, "..", "..", "..", "Pulumi.yaml"), "utf8");
    const { config } = parse(text) as { config: Readonly<Record<string, { readonly default: unknown }>> };
    const written = Object.fromEntries(
      Object.entries(config).map(([key, { default: value }]) => [
        key,
        Array.isArray(value) ? JSON.stringify(value) : String(value),
      ]),
    );
    const settings = read({});
    assert.ok("cloud" in settings);
    assert.deepEqual(settings, read(written));
    assert.equal(settings.resourceGroupName, undefined);
  });

  for (const [key, minimum, maximum] of [
    ["hubUnits", 1, 200],
    ["provisioningServiceUnits", 1, 200],
    ["rootLifetimeDays", 1, 36_500],
    ["intermediateLifetimeDays", 1, 36_500],
    ["deviceLifetimeDays", 1, 36_500],
    ["renewBeforeDays", 0, 36_500],
    ["expiryWarningDays", 0, 36_500],
    ["temperature", -100, 200],
  ] as const) {
    it(`hold ${key} from ${minimum} to ${maximum}`, () => {
      const rule = `must be a whole number from ${minimum} to ${maximum}`;
      const broken = (value: string) => rulesOf(key, { [key]: value }).filter((each) => each === rule).length;
      assert.deepEqual([broken(String(minimum)), broken(String(maximum))], [0, 0]);
      for (const value of [minimum - 1, maximum + 1]) assert.equal(broken(String(value)), 1, String(value));
      for (const value of ["", "1.5", "1e1", " 1", "0x1", "1 "]) assert.equal(broken(value), 1, value);
    });
  }

  for (const [key, ...words] of [
    ["hubSku", "F1", "B1", "B2", "B3", "S1", "S2", "S3"],
    ["allocationPolicy", "hashed", "geoLatency", "static"],
    ["verification", "proofOfPossession", "asserted"],
    ["cloud", "local", "public"],
  ] as const) {
    it(`take each word of ${key}, and no other`, () => {
      const rule = `must be one of ${words.join(", ")}`;
      for (const word of words) assert.ok(!rulesOf(key, { [key]: word }).includes(rule), word);
      assert.deepEqual(rulesOf(key, { [key]: "other" }), [rule]);
    });
  }

  it("limit the units of each tier of a hub, both bounds tested", () => {
    const most = { F1: 1, B1: 200, B2: 200, B3: 10, S1: 200, S2: 200, S3: 10 };
    for (const [hubSku, units] of Object.entries(most)) {
      assert.ok("cloud" in read({ hubSku, hubUnits: String(units) }), hubSku);
      const rule =
        units === 200 ? "must be a whole number from 1 to 200" : `a hub of tier ${hubSku} has at most ${units}`;
      assert.deepEqual(rulesOf("hubUnits", { hubSku, hubUnits: String(units + 1) }), [rule]);
    }
  });

  it("refuse every shared key of the hub only where the service is linked by its identity", () => {
    assert.ok("cloud" in read({ localAuth: "off" }));
    assert.ok("cloud" in read({ localAuth: "serviceOnly", linkBy: "key" }));
    assert.match(rulesOf("localAuth", { localAuth: "off", linkBy: "key" })[0] ?? "", /has no other/);
  });

  it("let a certificate live as long as the one above it", () => {
    const days = { rootLifetimeDays: "10", intermediateLifetimeDays: "10", deviceLifetimeDays: "10" };
    assert.ok("cloud" in read(days));
  });

  it("hold whole words against their rules, not parts of them", () => {
    for (const prefix of ["a b", "-a", "a-", "a".repeat(31), ""]) assert.equal(only("prefix", prefix)?.key, "prefix");
    for (const prefix of ["a", "a".repeat(30), "a--b"]) assert.equal(only("prefix", prefix), undefined);
    for (const generation of ["0", "01", "10000", "1x", "x1"])
      assert.match(only("caGenerations", JSON.stringify([generation]))?.rule ?? "", /1 to 9999/, generation);
    assert.equal(only("caGenerations", "[9999]"), undefined);
    assert.equal(only("rootName", "")?.rule.startsWith("not a common name of a certificate: "), true);
  });

  it("leave every name of a CA generation room for its number", () => {
    for (const key of ["rootName", "intermediateName", "rootCertificateName"]) {
      const given = (length: number) => ({ [key]: "n".repeat(length), caGenerations: "[1,22]" });
      assert.ok("cloud" in read(given(61)), key);
      matchEach(rulesOf(key, given(62)), /CA generation .*longer than 64/);
    }
  });

  it("read lists of texts and whole numbers, and nothing else", () => {
    for (const value of ["{}", '"a"', "[true]", '["a",null]', "[1.5]", "["])
      assert.equal(only("groupDevices", value)?.rule, "must be a list of texts", value);
    assert.equal(only("groupDevices", '["a",1]'), undefined);
  });

  it("check both IDs of an individual device, and begin neither with an equals sign", () => {
    const wrong = (entry: string) => only("individualDevices", JSON.stringify([entry]));
    assert.match(wrong("a=b c")?.rule ?? "", /^"b c" is not a valid device ID/);
    assert.match(wrong("=b")?.rule ?? "", /^"" is not a valid registration ID/);
    assert.match(wrong("a=")?.rule ?? "", /^"" is not a valid device ID/);
    assert.match(only("adopt", '["=etag"]')?.rule ?? "", /^"" is not a valid enrollment group ID/);
  });

  it("say how to set a name, and that it may be left out", () => {
    const error = only("hubName", "a b");
    assert.match(error?.remedy ?? "", /^pulumi config set hubName <name>, or /);
    assert.equal(only("hubName", ""), undefined);
    assert.equal(only("prefix", "-")?.remedy, 'pulumi config set prefix "zero-touch"');
    assert.equal(only("azure-native:location", "1")?.remedy, "pulumi config set azure-native:location <value>");
    assert.match(only("provisioningServiceName", "global")?.rule ?? "", /not a valid provisioning service name/);
  });

  it("name a key for errors of several keys, and count errors in words", () => {
    for (const generations of ["[]", "[1,2,3]", "[2,2]"])
      matchEach(rulesOf("caGenerations", { caGenerations: generations }), /one generation, or two different/);
    assert.equal(rulesOf("cloud", { cloud: "local" }).length, 1);
    const local = readSettings((key) => (key === "azure-native:location" ? "westeurope" : undefined), {
      ZERO_TOUCH_CLOUD: "local",
    });
    assert.deepEqual("cloud" in local ? [] : local.map(({ key }) => key), ["cloud"]);
    const error = { key: "prefix", value: "-", rule: "no", remedy: "do" };
    assert.match(
      errorMessage("dev", [error]),
      /^The configuration of stack "dev" has one error; nothing was changed\./,
    );
    assert.match(errorMessage("dev", [error, error]), / has 2 errors; /);
  });

  it("take files of each kind, thumbprints that are whole, and one key algorithm for CAs and devices", () => {
    for (const file of ["a.csv", "a.json", "a.jsonl", "A.JSONL"])
      assert.equal(only("individualsFile", file), undefined, file);
    for (const file of ["a", "a.jsonlx", "a.csv.txt", "csv"])
      assert.equal(only("individualsFile", file)?.key, "individualsFile");
    const print = "ab".repeat(20);
    const settings = read({
      revoked: JSON.stringify([print, `id=${print}c`, `c${print.slice(10)}`]),
      keyAlgorithm: "RSA-2048",
    });
    assert.ok("cloud" in settings);
    assert.deepEqual([...settings.revokedThumbprints], [print.toUpperCase()]);
    assert.deepEqual([...settings.revoked], [`${print}c`, `c${print.slice(10)}`]);
    assert.deepEqual([settings.device.keyAlgorithm, settings.authority.keyAlgorithm], ["RSA-2048", "RSA-2048"]);
  });

  it("pass on the group's name and tags", () => {
    const settings = read({ resourceGroupName: "rg-1.", tags: '["team=iot"]' });
    assert.equal("cloud" in settings ? undefined : settings[0]?.key, "resourceGroupName");
    const named = read({ resourceGroupName: "rg-1", tags: '["team=iot"]' });
    assert.ok("cloud" in named);
    assert.deepEqual([named.resourceGroupName, named.tags], ["rg-1", { team: "iot" }]);
  });
});

describe("unknown keys", () => {
  const meant = (key: string, ...known: readonly string[]) =>
    unknownKeys([key], new Set(known)).map(({ rule }) => /did you mean (.*)\?/.exec(rule)?.[1]);

  it("suggest the nearest known key, in any letter case", () => {
    assert.deepEqual(meant("hubUnitss", "hubUnit", "hubUnits"), ["hubUnits"]);
    assert.deepEqual(meant("HUBSKU", "hubUnits", "hubSku"), ["hubSku"]);
    assert.deepEqual(meant("ubSku", "hubSku"), ["hubSku"]);
    assert.deepEqual(meant("xxhubSku", "hubSku"), ["hubSku"]);
    assert.deepEqual(meant("tgas", "tags"), ["tags"]);
  });

  it("suggest no key that differs in more than three letters, or half the word", () => {
    assert.deepEqual(meant("keyVaultName123", "keyVaultName"), ["keyVaultName"]);
    assert.deepEqual(meant("keyVaultName1234", "keyVaultName"), [undefined]);
    assert.deepEqual(meant("keyVault", "keyVaultName"), [undefined]);
    assert.deepEqual(meant("tagsabc", "tags"), [undefined]);
    assert.deepEqual(meant("hubSku", "hubSku"), []);
  });

  it("show no value", () => {
    const [error, ...others] = unknownKeys(["zzz"], new Set(["tags"]));
    assert.deepEqual([error?.key, error?.value, others], ["zzz", "…", []]);
    assert.match(error?.rule ?? "", /no such key$/);
    assert.match(error?.remedy ?? "", /^pulumi config rm zzz;/);
  });
});
