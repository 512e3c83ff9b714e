import { strict as assert } from "node:assert";
import { POLICIES, schemaOf } from "../../../policy/policies";
import type { PolicyViolation, Resource, Rule } from "../../../policy/policyRule";
import * as types from "../../../policy/resourceTypes";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import { fakeAzure, fakeGateway } from "../../cast/fakeGateway";

/** What the defaults of a policy's schema make, with more over it, as the engine gives it to the rule. */
function configOf(name: string, more: object = {}): object {
  const entry = POLICIES.find((policy) => policy.name === name);
  assert.ok(entry, `no policy ${name}`);
  const defaults = Object.entries(schemaOf(entry).properties ?? {})
    .map(([key, schema]) => [key, typeof schema === "object" ? schema.default : undefined] as const)
    .filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(defaults), ...more };
}

const resource = (type: string, props: object = {}, isProtected = false): Resource => ({
  type,
  name: "r",
  props: { ...props },
  isProtected,
});

function findings(name: string, subject: Resource, config: object = {}): readonly PolicyViolation[] {
  const rule = POLICIES.find((policy) => policy.name === name)?.rule as Rule<unknown> | undefined;
  return rule?.(subject, configOf(name, config)) ?? [];
}

/** As the engine passes values that are unknown before the deployment. */
const unknown = (): object =>
  new Proxy(
    {},
    {
      get() {
        throw new Error("string value can't be known during preview");
      },
    },
  );

const hub = (properties: object) => resource(types.HUB, { properties, sku: { name: "S1", capacity: 1 } });
const HARD = { minTlsVersion: "1.2", disableDeviceSAS: true, disableModuleSAS: true };
const KEY = "HostName=h.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=s3cr3t";
/** A list of enrollments, each an input of its own. */
const listed = (entries: Readonly<Record<string, object>>) =>
  resource(
    types.ENROLLMENT_LIST,
    Object.fromEntries(Object.entries(entries).map(([id, entry]) => [`${types.LISTED}${id}`, entry])),
  );
const service = (iotHubs: unknown) => resource(types.PROVISIONING_SERVICE, { properties: { iotHubs } });

interface Case {
  readonly policy: string;
  readonly bad: Resource;
  readonly good: Resource;
  readonly config?: object;
  readonly field: string;
  readonly says: RegExp;
}

const PRIVATE = { allowSharedKeyAccess: false, allowBlobPublicAccess: false, minimumTlsVersion: "TLS1_2" };
const storageCase = (field: string, value: unknown, says: RegExp): Case => ({
  policy: "private-storage",
  bad: resource(types.STORAGE_ACCOUNT, { ...PRIVATE, [field]: value }),
  good: resource(types.STORAGE_ACCOUNT, PRIVATE),
  field,
  says,
});
const immutable = (days: unknown, more: object = {}) =>
  resource(types.IMMUTABILITY_POLICY, { immutabilityPeriodSinceCreationInDays: days, ...more });
const role = (id: string) =>
  resource(types.ROLE_ASSIGNMENT, {
    roleDefinitionId: `/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/${id}`,
  });

const CASES: readonly Case[] = [
  storageCase("allowSharedKeyAccess", undefined, /shared key/),
  storageCase("allowBlobPublicAccess", true, /public/),
  storageCase("minimumTlsVersion", "TLS1_0", /TLS older than 1\.2/),
  storageCase("enableHttpsTrafficOnly", false, /HTTP without TLS/),
  {
    policy: "immutable-transcripts",
    bad: immutable(30),
    good: immutable(365),
    field: "immutabilityPeriodSinceCreationInDays",
    says: /at least 365 days/,
  },
  {
    policy: "immutable-transcripts",
    config: { minimumDays: 7 },
    bad: immutable(7, { allowProtectedAppendWrites: true }),
    good: immutable(7, { allowProtectedAppendWrites: false }),
    field: "allowProtectedAppendWrites",
    says: /appended/,
  },
  {
    policy: "private-containers",
    bad: resource(types.CONTAINER_ENVIRONMENT, {}),
    good: resource(types.CONTAINER_ENVIRONMENT, { vnetConfiguration: { internal: true } }),
    field: "vnetConfiguration.internal",
    says: /from the internet/,
  },
  {
    policy: "private-containers",
    bad: resource(types.CONTAINER_APP, { configuration: { secrets: [{ name: "key", value: "s3cr3t" }] } }),
    good: resource(types.CONTAINER_APP, { configuration: { secrets: [{ name: "key", keyVaultUrl: "https://v" }] } }),
    field: "configuration.secrets.0.value",
    says: /from a key vault/,
  },
  {
    policy: "no-privileged-roles",
    bad: role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
    good: role("b24988ac-6180-42a0-ab88-20f7382dd24c"),
    field: "roleDefinitionId",
    says: /is Owner/,
  },
  {
    policy: "root-verified",
    bad: resource(types.DPS_CERTIFICATE, { properties: { certificate: "x" } }),
    good: resource(types.DPS_CERTIFICATE, { properties: { isVerified: true } }),
    field: "properties.isVerified",
    says: /unverified CA certificate/,
  },
  {
    policy: "root-proven",
    bad: resource(types.VERIFIED_CERTIFICATE, { verification: "asserted" }),
    good: resource(types.VERIFIED_CERTIFICATE, { verification: "proofOfPossession" }),
    field: "verification",
    says: /proven, not asserted/,
  },
  {
    policy: "root-proven",
    bad: resource(types.DPS_CERTIFICATE, { properties: { isVerified: true } }),
    good: resource(types.VERIFIED_CERTIFICATE, {}),
    field: "properties.isVerified",
    says: /proven, not asserted/,
  },
  ...[
    ...[types.RESOURCE_GROUP, types.HUB, types.PROVISIONING_SERVICE, types.VAULT, types.CERTIFICATE_AUTHORITY],
    ...[types.VERIFIED_CERTIFICATE, types.ENROLLMENT_GROUP, types.ENROLLMENT_LIST, types.REVOCATIONS],
  ].map((type) => ({
    policy: "protected-resources",
    bad: resource(type),
    good: resource(type, {}, true),
    field: "protect",
    says: /protected from deletion/,
  })),
  {
    policy: "certificate-lifetimes",
    bad: resource(types.DEVICE_CERTIFICATE, { lifetimeDays: 399 }),
    good: resource(types.DEVICE_CERTIFICATE, { lifetimeDays: 398 }),
    field: "lifetimeDays",
    says: /at most 398 days/,
  },
  {
    policy: "certificate-lifetimes",
    bad: resource(types.CERTIFICATE_AUTHORITY, { rootLifetimeDays: 3650, intermediateLifetimeDays: 1000 }),
    good: resource(types.CERTIFICATE_AUTHORITY, { rootLifetimeDays: 3650, intermediateLifetimeDays: 999 }),
    config: { intermediateDays: 999 },
    field: "intermediateLifetimeDays",
    says: /at most 999 days/,
  },
  {
    policy: "certificate-lifetimes",
    bad: resource(types.CERTIFICATE_AUTHORITY, { rootLifetimeDays: 36500 }),
    good: resource(types.CERTIFICATE_AUTHORITY, { rootLifetimeDays: 7305 }),
    field: "rootLifetimeDays",
    says: /at most 7305 days/,
  },
  { policy: "minimum-tls", bad: hub({}), good: hub(HARD), field: "properties.minTlsVersion", says: /older than 1\.2/ },
  {
    policy: "minimum-tls",
    bad: hub({ minTlsVersion: "1.0" }),
    good: hub({ minTlsVersion: "1.1" }),
    config: { minimum: "1.1" },
    field: "properties.minTlsVersion",
    says: /older than 1\.1/,
  },
  {
    policy: "local-auth-off",
    bad: hub({ ...HARD, disableDeviceSAS: false }),
    good: hub(HARD),
    config: { scope: "devices" },
    field: "properties.disableDeviceSAS",
    says: /devices must not connect by shared keys/,
  },
  {
    policy: "local-auth-off",
    bad: hub(HARD),
    good: hub({ ...HARD, disableLocalAuth: true }),
    field: "properties.disableLocalAuth",
    says: /services must not connect by shared keys/,
  },
  ...[types.ENROLLMENT_GROUP, types.INDIVIDUAL_ENROLLMENT].map((type) => ({
    policy: "no-shared-keys",
    bad: resource(type, { symmetricKey: { primaryKey: "s3cr3t" } }),
    good: resource(type, { caReference: "root" }),
    field: "symmetricKey",
    says: /register by certificate/,
  })),
  {
    policy: "no-shared-keys",
    bad: listed({ "a.1": { symmetricKey: {} }, "a.2": { caReference: "r" } }),
    good: listed({ "a.2": { caReference: "r" } }),
    field: "device:a.1.symmetricKey",
    says: /register by certificate/,
  },
  {
    policy: "no-shared-keys",
    bad: resource(types.VAULT, { properties: {} }),
    good: resource(types.VAULT, { properties: { enableRbacAuthorization: true } }),
    field: "properties.enableRbacAuthorization",
    says: /Entra roles/,
  },
  {
    policy: "hub-linked-by-identity",
    bad: service([{ connectionString: KEY }]),
    good: service([{ authenticationType: "SystemAssigned" }]),
    field: "properties.iotHubs.0.connectionString",
    says: /holds no key of it/,
  },
  {
    policy: "allowed-locations",
    bad: resource(types.HUB, { location: "westus" }),
    good: resource(types.HUB, { location: "West Europe" }),
    config: { locations: ["northeurope", "westeurope"] },
    field: "location",
    says: /one of northeurope, westeurope/,
  },
  {
    policy: "allowed-skus",
    bad: resource(types.HUB, { sku: { name: "F1", capacity: 1 } }),
    good: resource(types.HUB, { sku: { name: "S1", capacity: 1 } }),
    config: { hubSkus: ["S1"] },
    field: "sku.name",
    says: /tier must be one of S1/,
  },
  {
    policy: "allowed-skus",
    bad: resource(types.PROVISIONING_SERVICE, { sku: { name: "S1", capacity: 3 } }),
    good: resource(types.PROVISIONING_SERVICE, { sku: { name: "S1", capacity: 2 } }),
    config: { maximumServiceUnits: 2 },
    field: "sku.capacity",
    says: /at most 2 units/,
  },
  {
    policy: "required-tags",
    bad: resource(types.RESOURCE_GROUP, { tags: { other: "x" } }),
    good: resource(types.RESOURCE_GROUP, { tags: { "cost.center": "7" } }),
    config: { tags: ["cost.center"] },
    field: "tags.cost.center",
    says: /the tag is required/,
  },
  {
    policy: "required-tags",
    bad: resource(types.HUB, { tags: { stage: "dev" } }),
    good: resource(types.HUB, { tags: { stage: "test" } }),
    config: { tags: ["stage=prod|test"] },
    field: "tags.stage",
    says: /one of prod, test/,
  },
  {
    policy: "required-tags",
    bad: resource(types.HUB, { tags: { query: "a" } }),
    good: resource(types.HUB, { tags: { query: "a=1" } }),
    config: { tags: ["query=a=1|a=2"] },
    field: "tags.query",
    says: /one of a=1, a=2/,
  },
  {
    policy: "names",
    bad: resource(types.HUB, { resourceName: "hub_1" }),
    good: resource(types.HUB, { resourceName: "hub-1" }),
    field: "resourceName",
    says: /not a valid IoT hub name/,
  },
  {
    policy: "names",
    bad: resource(types.ENROLLMENT_GROUP, { enrollmentGroupId: "group" }),
    good: resource(types.ENROLLMENT_GROUP, { enrollmentGroupId: "line-4" }),
    config: { enrollmentGroup: "^line-\\d+$" },
    field: "enrollmentGroupId",
    says: /must match \^line-/,
  },
  {
    policy: "names",
    bad: listed({ "pump-1": {}, "fan-1": {} }),
    good: listed({ "pump-1": {} }),
    config: { registrationId: "^pump-" },
    field: "device:fan-1",
    says: /must match \^pump-/,
  },
];

describe("the rules of the policy pack", () => {
  for (const { policy, bad, good, config, field, says } of CASES) {
    it(`${policy}: ${bad.type} ${field}`, () => {
      const found = findings(policy, bad, config);
      assert.deepEqual(
        found.map((finding) => finding.field),
        [field],
      );
      assert.match(found[0]?.rule ?? "", says);
      assert.ok(found[0]?.remedy, "a way out");
      assert.deepEqual(findings(policy, good, config), []);
    });
  }

  it("are all tested with and without a violation", () => {
    assert.deepEqual([...new Set(CASES.map(({ policy }) => policy))].sort(), POLICIES.map(({ name }) => name).sort());
  });

  it("ignore other resource types", () => {
    for (const { name } of POLICIES) assert.deepEqual(findings(name, resource("random:index:Thing", { tags: {} })), []);
  });

  it("ignore unknown values", () => {
    const config = { tags: ["owner"], locations: ["northeurope"], hubSkus: ["S2"] };
    for (const { name } of POLICIES.filter((policy) => policy.name !== "protected-resources")) {
      for (const type of Object.values(types).flat()) {
        const subject: Resource = { type, name: "r", props: unknown() as Resource["props"], isProtected: false };
        const found = findings(name, subject, config).filter(({ field }) => field !== "symmetricKey");
        assert.deepEqual(found, [], `${name} on ${type}`);
      }
    }
  });

  it("check a list's enrollments in its provider's inputs", async () => {
    const { inputs } = await listHandler(fakeGateway(fakeAzure())).check(
      {},
      { serviceEndpoint: "d.azure-devices-provisioning.net", "device:a": { symmetricKey: {} } },
    );
    const list = resource(types.ENROLLMENT_LIST, inputs);
    assert.equal(findings("no-shared-keys", list).length, 1);
    assert.equal(findings("names", list, { registrationId: "^b" }).length, 1);
  });

  it("name a remedy that works in any program, and the key of this stack", () => {
    const remedyOf = (policy: string, config?: object) => findings(policy, hub({}), config)[0]?.remedy ?? "";
    assert.match(remedyOf("minimum-tls"), /minTlsVersion: "1\.2".*pulumi config set minimumTls 1\.2/);
    assert.match(remedyOf("local-auth-off"), /disableDeviceSAS.*pulumi config set localAuth off/);
    assert.match(remedyOf("local-auth-off", { scope: "devices" }), /pulumi config set localAuth serviceOnly/);
  });

  it("print no keys", () => {
    const key = resource(types.ENROLLMENT_GROUP, { symmetricKey: { primaryKey: "s3cr3t" } });
    const found = [
      ...findings("no-shared-keys", key),
      ...findings("hub-linked-by-identity", service([{ connectionString: KEY }])),
    ];
    assert.equal(found.length, 2);
    assert.doesNotMatch(JSON.stringify(found), /s3cr3t/);
    assert.match(JSON.stringify(found), /SharedAccessKeyName=iothubowner/);
  });
});
