import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf } from "../../../cast/armHarness";
import type { ServedResponse } from "../../../cast/served";

const GROUP = "/resourcegroups/rg-1";
const HUBS = `${GROUP}/providers/Microsoft.Devices/IotHubs`;
const HUB = `${HUBS}/hub-1`;
const BODY = { location: "westeurope", sku: { name: "S1", capacity: 1 } };

const propertiesOf = (response: ServedResponse) =>
  (response.body as { properties: Record<string, unknown> }).properties;

describe("IoT hubs in ARM", () => {
  let harness: ArmHarness;

  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", GROUP, { location: "westeurope" });
  });

  afterEach(() => harness.close());

  it("are accepted with 201 and an operation, and are active at the next GET", async () => {
    const put = await harness.arm("PUT", HUB, { ...BODY, tags: { a: "1" } });
    assert.equal(put.status, 201);
    assert.deepEqual([propertiesOf(put).provisioningState, propertiesOf(put).features], ["Accepted", "None"]);
    assert.match(
      String(put.headers["azure-asyncoperation"]),
      /\/operationResults\/[0-9a-f]{32}\?api-version=.*&asyncinfo$/,
    );
    const got = await harness.arm("GET", HUB);
    const body = got.body as Record<string, unknown>;
    assert.deepEqual(body.tags, { a: "1" });
    assert.deepEqual(body.sku, { name: "S1", tier: "Standard", capacity: 1 });
    assert.equal(body.resourcegroup, "rg-1");
    const { state, provisioningState, hostName, locations } = propertiesOf(got);
    assert.deepEqual([state, provisioningState, hostName], ["Active", "Succeeded", "hub-1.azure-devices.net"]);
    assert.deepEqual(locations, [
      { location: "West Europe", role: "primary" },
      { location: "North Europe", role: "secondary" },
    ]);
  });

  it("stay active, and can be changed, when the clock is set back to before their creation", async () => {
    harness.shared.clock.advance(90 * 86_400);
    const put = await harness.arm("PUT", HUB, BODY);
    harness.shared.clock.advance(-90 * 86_400);
    const url = String(put.headers["azure-asyncoperation"]);
    const poll = await harness.arm("GET", url.slice(url.indexOf("/providers/")).replace(/\?.*/, "?asyncinfo"));
    const { status, startTime, endTime } = poll.body as Record<string, string>;
    assert.deepEqual([status, endTime], ["Succeeded", startTime]);
    assert.equal(propertiesOf(await harness.arm("GET", HUB)).state, "Active");
    assert.equal((await harness.arm("PUT", HUB, BODY)).status, 201);
    assert.equal((await harness.arm("DELETE", HUB)).status, 202);
    assert.equal((await harness.arm("GET", HUB)).status, 404);
  });

  it("have no host name, and no address of their events, until they are active", async () => {
    harness.shared.switches.realDelays = true;
    await harness.arm("PUT", HUB, BODY);
    const { hostName, state, eventHubEndpoints } = propertiesOf(await harness.arm("GET", HUB));
    assert.deepEqual(
      [hostName, state, eventHubEndpoints],
      [undefined, "Activating", { events: { retentionTimeInDays: 1, partitionCount: 4 } }],
    );
    harness.shared.clock.advance(5);
    assert.match(String(propertiesOf(await harness.arm("GET", HUB)).hostName), /\.azure-devices\.net$/);
  });

  it("return no keys in a GET or a list", async () => {
    await harness.arm("PUT", HUB, BODY);
    const keys = (await harness.arm("POST", `${HUB}/listkeys`)).body as { value: { primaryKey: string }[] };
    const texts = [await harness.arm("GET", HUB), await harness.arm("GET", HUBS)].map(({ body }) =>
      JSON.stringify(body),
    );
    for (const { primaryKey } of keys.value) assert.ok(texts.every((text) => !text.includes(primaryKey)));
  });

  it("return properties that the local Azure does not interpret, and none that the specification does not have", async () => {
    const encryption = { keySource: "Microsoft.KeyVault" };
    const properties = {
      minTlsVersion: "1.2",
      encryption: { ...encryption, note: 1 },
      minTlsVerzion: "1.2",
      state: "No",
    };
    const preview = `${HUB}?api-version=2023-06-30-preview`;
    await harness.arm("PUT", preview, { ...BODY, properties });
    const got = propertiesOf(await harness.arm("GET", preview));
    assert.deepEqual(
      [got.minTlsVersion, got.encryption, got.minTlsVerzion, got.state],
      ["1.2", encryption, undefined, "Active"],
    );
  });

  it("keep their keys through an update, and get a policy that the update adds", async () => {
    await harness.arm("PUT", HUB, BODY);
    const before = (await harness.arm("POST", `${HUB}/listkeys`)).body as { value: Record<string, string>[] };
    await harness.arm("PUT", HUB, BODY);
    assert.deepEqual((await harness.arm("POST", `${HUB}/listkeys`)).body, before);
    const authorizationPolicies = [
      ...before.value.map(({ keyName, rights }) => ({ keyName, rights })),
      { keyName: "mine", rights: "RegistryRead", primaryKey: "AAAA" },
    ];
    await harness.arm("PUT", HUB, { ...BODY, properties: { authorizationPolicies } });
    const after = (await harness.arm("POST", `${HUB}/listkeys`)).body as { value: Record<string, string>[] };
    assert.deepEqual(after.value.slice(0, -1), before.value);
    assert.equal((await harness.arm("POST", `${HUB}/IotHubKeys/MINE/listkeys`)).status, 200);
    assert.equal(after.value.at(-1)?.primaryKey, "AAAA");
  });

  it("return 404 for an unknown key name", async () => {
    await harness.arm("PUT", HUB, BODY);
    const response = await harness.arm("POST", `${HUB}/IotHubKeys/unknown/listkeys`);
    assert.equal(response.status, 404);
    assert.match(errorOf(response).message, /^Key 'unknown' not found\./);
  });

  for (const [what, path, body, status, code] of [
    ["a bad name", `${HUBS}/-hub`, BODY, 400, 400004],
    ["no SKU", HUB, { location: "westeurope" }, 400, 400004],
    ["an unknown SKU", HUB, { ...BODY, sku: { name: "S9" } }, 400, 400004],
    ["half a unit", HUB, { ...BODY, sku: { name: "S1", capacity: 0.5 } }, 400, 400004],
    ["no location", HUB, { sku: BODY.sku }, 400, "LocationRequired"],
    ["an unknown location", HUB, { ...BODY, location: "mars" }, 400, "LocationNotAvailableForResourceType"],
    ["tags that are not strings", HUB, { ...BODY, tags: { a: 1 } }, 400, "InvalidRequestContent"],
    ["an unknown right", HUB, policies({ keyName: "a", rights: "Everything" }), 400, 400004],
    [
      "two policies of one name",
      HUB,
      policies({ keyName: "a", rights: "RegistryRead" }, { keyName: "A", rights: "ServiceConnect" }),
      400,
      400004,
    ],
    ["a key that is not base64", HUB, policies({ keyName: "a", rights: "RegistryRead", primaryKey: "å" }), 400, 400004],
    [
      "a key that is not a string",
      HUB,
      policies({ keyName: "a", rights: "RegistryRead", secondaryKey: 5 }),
      400,
      400004,
    ],
    ["33 partitions", HUB, partitions(33), 400, 400016],
    ["partitions that are not a number", HUB, partitions("8"), 400, 400016],
    ["endpoints that are not an object", HUB, { ...BODY, properties: { eventHubEndpoints: [] } }, 400, 400004],
    ["events that are not an object", HUB, { ...BODY, properties: { eventHubEndpoints: { events: 4 } } }, 400, 400004],
    ["no group", HUB.replace("rg-1", "rg-9"), BODY, 404, "ResourceGroupNotFound"],
  ] as const) {
    it(`are refused with ${what}, and nothing is created`, async () => {
      const response = await harness.arm("PUT", path, body);
      assert.deepEqual([response.status, errorOf(response).code], [status, code]);
      assert.deepEqual((await harness.arm("GET", HUBS)).body, { value: [] });
    });
  }

  it("cannot change their location or their partitions", async () => {
    await harness.arm("PUT", HUB, BODY);
    const moved = await harness.arm("PUT", HUB, { ...BODY, location: "eastus" });
    assert.deepEqual([moved.status, errorOf(moved).code], [409, "InvalidResourceLocation"]);
    assert.equal((await harness.arm("PUT", HUB, partitions(8))).status, 400);
  });

  it("are changed only when If-Match has the current ETag", async () => {
    await harness.arm("PUT", HUB, BODY);
    const { etag } = (await harness.arm("GET", HUB)).body as { etag: string };
    const stale = await harness.arm("PUT", HUB, BODY, { "if-match": "AAAAAAAAAAA=" });
    assert.deepEqual([stale.status, errorOf(stale).code], [412, 412001]);
    assert.equal((await harness.arm("PUT", HUB, BODY, { "if-match": `"${etag}"` })).status, 201);
    assert.notEqual(((await harness.arm("GET", HUB)).body as { etag: string }).etag, etag);
  });

  it("get tags by PATCH", async () => {
    await harness.arm("PUT", HUB, BODY);
    const response = await harness.arm("PATCH", HUB, { tags: { b: "2" } });
    assert.deepEqual([response.status, (response.body as { tags: unknown }).tags], [200, { b: "2" }]);
  });

  it("refuse tags while another change is in progress, and a second DELETE does not extend the first", async () => {
    harness.shared.switches.realDelays = true;
    await harness.arm("PUT", HUB, BODY);
    const early = await harness.arm("PATCH", HUB, { tags: { b: "2" } });
    assert.deepEqual([early.status, errorOf(early).code], [409, 409002]);
    harness.shared.clock.advance(3);
    assert.equal((await harness.arm("PATCH", HUB, { tags: { b: "2" } })).status, 200);
    for (const path of [HUB, GROUP]) {
      assert.equal((await harness.arm("DELETE", path)).status, 202);
      harness.shared.clock.advance(2);
      assert.equal((await harness.arm("DELETE", path)).status, 202);
      harness.shared.clock.advance(1);
      assert.equal((await harness.arm("GET", path)).status, 404, path);
    }
  });

  it("reserve their name until they are deleted", async () => {
    await harness.arm("PUT", HUB, BODY);
    const check = (name: string) => harness.arm("POST", "/providers/Microsoft.Devices/checkNameAvailability", { name });
    assert.deepEqual((await check("HUB-1")).body, {
      nameAvailable: false,
      reason: "AlreadyExists",
      message: "IotHub name 'HUB-1' is not available",
    });
    assert.equal(((await check("a_b")).body as { reason: string }).reason, "Invalid");
    await harness.arm("DELETE", HUB);
    assert.equal(((await check("hub-1")).body as { nameAvailable: boolean }).nameAvailable, true);
  });

  it("get another key and other policies when they are created again", async () => {
    await harness.arm("PUT", HUB, BODY);
    const before = harness.deps.directory.hub("hub-1.azure-devices.net");
    await harness.arm("DELETE", HUB);
    await harness.arm("PUT", HUB, BODY);
    const after = harness.deps.directory.hub("HUB-1.azure-devices.net");
    assert.notEqual(after?.key, before?.key);
    assert.notDeepEqual(after?.policies, before?.policies);
  });

  it("have no valid keys while local authentication is off", async () => {
    const seen = () => harness.deps.directory.hub("hub-1.azure-devices.net");
    await harness.arm("PUT", HUB, { ...BODY, properties: { disableLocalAuth: true, disableDeviceSAS: true } });
    assert.deepEqual([seen()?.policies, seen()?.refusesDeviceSas], [[], true]);
    const keys = (await harness.arm("POST", `${HUB}/listkeys`)).body as { value: unknown[] };
    assert.equal(keys.value.length, 5);
    await harness.arm("PUT", HUB, { ...BODY, properties: { disableLocalAuth: false } });
    assert.deepEqual([seen()?.policies.length, seen()?.refusesDeviceSas], [5, false]);
  });

  it("have consumer groups", async () => {
    await harness.arm("PUT", HUB, BODY);
    const path = `${HUB}/eventHubEndpoints/events/ConsumerGroups`;
    const put = await harness.arm("PUT", `${path}/cg-1`, { properties: { name: "cg-1" } });
    assert.deepEqual([put.status, (put.body as { name: string }).name], [200, "cg-1"]);
    assert.deepEqual((await harness.arm("PUT", `${path}/CG-1`, {})).body, put.body);
    const list = (await harness.arm("GET", path)).body as { value: { name: string }[] };
    assert.deepEqual(
      list.value.map(({ name }) => name),
      ["$Default", "cg-1"],
    );
    assert.equal((await harness.arm("DELETE", `${path}/cg-1`)).status, 200);
    assert.equal((await harness.arm("DELETE", `${path}/cg-1`)).status, 204);
    assert.equal((await harness.arm("GET", `${path}/cg-1`)).status, 404);
    assert.equal((await harness.arm("DELETE", `${path}/$Default`)).status, 400);
    assert.equal((await harness.arm("PUT", `${path}/a%20b`, {})).status, 400);
    assert.equal((await harness.arm("GET", `${path.replace("/events/", "/other/")}`)).status, 404);
  });

  it("list their SKUs", async () => {
    await harness.arm("PUT", HUB, BODY);
    const { value } = (await harness.arm("GET", `${HUB}/skus`)).body as { value: { sku: { name: string } }[] };
    assert.ok(value.some(({ sku }) => sku.name === "S1"));
  });
});

function policies(...authorizationPolicies: readonly object[]) {
  return { ...BODY, properties: { authorizationPolicies } };
}

function partitions(partitionCount: unknown) {
  return { ...BODY, properties: { eventHubEndpoints: { events: { partitionCount } } } };
}
