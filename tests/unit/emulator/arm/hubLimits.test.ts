import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf } from "../../../cast/armHarness";

const GROUP = "/resourcegroups/rg-1";
const HUBS = `${GROUP}/providers/Microsoft.Devices/IotHubs`;
const HUB = `${HUBS}/hub-1`;
const of = (name: string, properties: object = {}, capacity = 1) => ({
  location: "westeurope",
  sku: { name, capacity },
  properties,
});
const eventHub = (name: string) => ({ name, connectionString: `Endpoint=sb://${name};SharedAccessKey=k` });
const route = (name: string) => ({ name, source: "DeviceMessages", endpointNames: ["events"], isEnabled: true });
const enrichment = (key: string) => ({ key, value: "v", endpointNames: ["events"] });
const rule = (filterName: string) => ({ filterName, action: "Accept", ipMask: "203.0.113.0/24" });
const many = <T>(count: number, make: (name: string) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(`n-${at}`));
const routing = (parts: object) => ({ routing: parts });

describe("limits of IoT hubs in ARM", () => {
  let harness: ArmHarness;
  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", GROUP, { location: "westeurope" });
  });
  afterEach(() => harness.close());

  const put = async (body: object, path = HUB): Promise<readonly [number, unknown]> => {
    const response = await harness.arm("PUT", path, body);
    return response.status === 201 ? [201, undefined] : [response.status, errorOf(response).code];
  };

  it("are the units of each tier", async () => {
    for (const [name, most] of Object.entries({ B1: 200, B2: 200, B3: 10, S1: 200, S2: 200, S3: 10, F1: 1 })) {
      const path = `${HUBS}/hub-${name.toLowerCase()}`;
      assert.deepEqual(await put(of(name, {}, most + 1), path), [400, 400004], name);
      assert.deepEqual(await put(of(name, {}, most), path), [201, undefined], name);
      const { value } = (await harness.arm("GET", `${path}/skus`)).body as {
        value: { sku: { name: string }; capacity: { maximum: number } }[];
      };
      assert.equal(value.find(({ sku }) => sku.name === name)?.capacity.maximum, most);
    }
  });

  it("are one free hub in a subscription, which stays free", async () => {
    assert.deepEqual(await put(of("F1")), [201, undefined]);
    assert.deepEqual(await put(of("F1")), [201, undefined]);
    const second = await harness.arm("PUT", `${HUBS}/hub-2`, of("F1"));
    assert.deepEqual([second.status, errorOf(second).code], [400, 400019]);
    assert.match(
      errorOf(second).message,
      /^Max number of Iot Hubs exceeded for sku = Free, Max Allowed = 1, Current = 2 /,
    );
    for (const tier of ["S1", "B1"]) assert.deepEqual(await put(of(tier)), [400, 400004], tier);
    await harness.arm("DELETE", HUB);
    assert.deepEqual(await put(of("F1"), `${HUBS}/hub-2`), [201, undefined]);
  });

  it("let a tier change within basic and standard, and from basic to standard", async () => {
    for (const [tier, status] of [
      ["B1", 201],
      ["B2", 201],
      ["F1", 400],
      ["S1", 201],
      ["S3", 201],
      ["B1", 400],
      ["F1", 400],
      ["S1", 201],
    ] as const) {
      assert.equal((await put(of(tier)))[0], status, tier);
    }
  });

  it("are numbers of endpoints, routes and enrichments, fewer of a free hub", async () => {
    for (const [tier, endpoints, routes, enrichments] of [
      ["S1", 10, 100, 10],
      ["F1", 1, 5, 2],
    ] as const) {
      const path = `${HUBS}/hub-${tier.toLowerCase()}`;
      const half = Math.floor(endpoints / 2);
      const all = {
        endpoints: {
          eventHubs: many(half, eventHub),
          serviceBusQueues: many(endpoints - half, (n) => eventHub(`q${n}`)),
        },
        routes: many(routes, route),
        enrichments: many(enrichments, enrichment),
      };
      assert.deepEqual(await put(of(tier, routing(all)), path), [201, undefined], tier);
      for (const more of [
        { endpoints: { ...all.endpoints, eventHubs: many(half + 1, eventHub) } },
        { routes: many(routes + 1, route) },
        { enrichments: many(enrichments + 1, enrichment) },
      ]) {
        assert.deepEqual(await put(of(tier, routing({ ...all, ...more })), path), [400, 400004], Object.keys(more)[0]);
      }
    }
  });

  for (const [what, properties] of Object.entries({
    "two endpoints of one name": routing({
      endpoints: { eventHubs: [eventHub("a")], serviceBusTopics: [eventHub("A")] },
    }),
    "an endpoint with a reserved name": routing({ endpoints: { eventHubs: [eventHub("Events")] } }),
    "two routes of one name": routing({ routes: [route("a"), route("A")] }),
    "two enrichments of one key": routing({ enrichments: [enrichment("a"), enrichment("a")] }),
    "two IP filter rules of one name": { ipFilterRules: [rule("a"), rule("A")] },
    "101 IP filter rules": { ipFilterRules: many(101, rule) },
    "an IP filter rule of no IPv4 address": { ipFilterRules: [{ ...rule("a"), ipMask: "203.0.113.0/33" }] },
    "two IP rules of one name": {
      networkRuleSets: {
        applyToBuiltInEventHubEndpoint: true,
        ipRules: [rule("a"), rule("a")].map(({ filterName, ipMask }) => ({ filterName, ipMask })),
      },
    },
  })) {
    it(`refuse ${what}`, async () => {
      assert.deepEqual(await put(of("S1", properties)), [400, 400004]);
    });
  }

  it("are 20 consumer groups, the default one included", async () => {
    await put(of("S1"));
    const path = `${HUB}/eventHubEndpoints/events/ConsumerGroups`;
    const add = async (name: string) => (await harness.arm("PUT", `${path}/${name}`, { properties: { name } })).status;
    for (const name of many(19, (each) => each)) assert.equal(await add(name), 200);
    assert.equal(await add("one-more"), 403);
    assert.equal(await add("n-0"), 200);
    await harness.arm("DELETE", `${path}/n-0`);
    assert.equal(await add("one-more"), 200);
  });

  it("are 100 IP filter rules of a provisioning service, with names of their own", async () => {
    const path = `${GROUP}/providers/Microsoft.Devices/provisioningServices/dps-1`;
    for (const ipFilterRules of [many(101, rule), [rule("a"), rule("A")], [{ ...rule("a"), ipMask: "::1" }]]) {
      assert.deepEqual(await put(of("S1", { ipFilterRules }), path), [400, 400004]);
    }
    assert.deepEqual(await put(of("S1", { ipFilterRules: many(100, rule) }), path), [201, undefined]);
  });
});
