import assert from "node:assert/strict";
import { StandIn } from "../../../../azure-native-stand-in/standIn";
import { HUB_TYPE } from "../../../../emulator/arm/microsoftDevices/iotHub";
import type { Value } from "../../../../plugin-protocol/propertyValue";
import { type ArmHarness, armHarness, errorOf, TENANT } from "../../../cast/armHarness";

const GROUP = "/resourcegroups/rg-1";
const HUB = `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-1`;
const EVENT_HUB = "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=c2VjcmV0;EntityPath=e";
const STORAGE = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net";
const MASKED_EVENT_HUB = EVENT_HUB.replace("c2VjcmV0", "****");
const MASKED_STORAGE = STORAGE.replace("c2VjcmV0", "****");

interface Endpoints {
  readonly eventHub: string;
  readonly storage: string;
  readonly cosmos: readonly [primary: string, secondary: string];
  readonly uploads: string;
}

const KEYS: Endpoints = { eventHub: EVENT_HUB, storage: STORAGE, cosmos: ["one", "two"], uploads: STORAGE };
const MASKED: Endpoints = {
  eventHub: MASKED_EVENT_HUB,
  storage: MASKED_STORAGE,
  cosmos: ["****", "****"],
  uploads: MASKED_STORAGE,
};

const propertiesWith = ({ eventHub, storage, cosmos: [primaryKey, secondaryKey], uploads }: Endpoints) => ({
  routing: {
    endpoints: {
      eventHubs: [{ name: "events-1", connectionString: eventHub }],
      storageContainers: [{ name: "storage-1", containerName: "messages", connectionString: storage }],
      cosmosDBSqlContainers: [
        { name: "cosmos-1", endpointUri: "u", databaseName: "d", containerName: "c", primaryKey, secondaryKey },
      ],
    },
  },
  storageEndpoints: { $default: { connectionString: uploads, containerName: "uploads" } },
});
const bodyWith = (endpoints: Endpoints) => ({
  location: "West Europe",
  sku: { name: "S1", capacity: 1 },
  properties: propertiesWith(endpoints),
});

describe("keys of a hub's endpoints", () => {
  let harness: ArmHarness;
  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", GROUP, { location: "westeurope" });
  });
  afterEach(() => harness.close());

  const textOf = (body: unknown): string => JSON.stringify(body);
  const stored = () => textOf(harness.deps.resources.named(HUB_TYPE, "hub-1"));

  it("are masked in every response", async () => {
    const put = await harness.arm("PUT", HUB, bodyWith(KEYS));
    const patched = await harness.arm("PATCH", HUB, { tags: {} });
    const texts = [put, patched, await harness.arm("GET", HUB), await harness.arm("GET", HUB.replace("/hub-1", ""))];
    for (const { body } of texts) {
      assert.doesNotMatch(textOf(body), /c2VjcmV0|"one"|"two"/);
      assert.ok(textOf(body).includes(textOf(MASKED_EVENT_HUB)));
      assert.ok(textOf(body).includes(textOf(MASKED_STORAGE)));
    }
    assert.match(stored(), /c2VjcmV0.*"one".*"two"/s);
  });

  it("stay when the mask comes back, and change when a key comes", async () => {
    await harness.arm("PUT", HUB, bodyWith(KEYS));
    assert.equal((await harness.arm("PUT", HUB, bodyWith(MASKED))).status, 201);
    const { properties } = harness.deps.resources.named(HUB_TYPE, "hub-1") ?? {};
    const expected = propertiesWith(KEYS);
    for (const text of [EVENT_HUB, STORAGE, "one", "two"]) assert.ok(textOf(properties).includes(textOf(text)), text);
    assert.deepEqual(properties?.storageEndpoints, expected.storageEndpoints);
    const rotated = EVENT_HUB.replace("c2VjcmV0", "bmV3");
    await harness.arm("PUT", HUB, bodyWith({ ...MASKED, eventHub: rotated }));
    assert.ok(stored().includes(rotated));
    assert.ok(stored().includes(STORAGE));
  });

  it("are needed where none is stored", async () => {
    for (const which of ["eventHub", "storage", "cosmos", "uploads"] as const) {
      const response = await harness.arm("PUT", HUB, bodyWith({ ...KEYS, [which]: MASKED[which] }));
      assert.deepEqual([response.status, errorOf(response).code], [400, 400004], which);
    }
    await harness.arm("PUT", HUB, bodyWith(KEYS));
    const other = bodyWith({ ...MASKED, eventHub: MASKED_EVENT_HUB.replace("sb://a", "sb://b") });
    assert.equal((await harness.arm("PUT", HUB, other)).status, 400);
  });

  it("and the written location show no change in a refresh by azure-native", async () => {
    const provider = new StandIn({
      environment: { ARM_SUBSCRIPTION_ID: TENANT.subscriptionId, ZERO_TOUCH_CLOUD: "local" },
      transport: () => ({
        async send({ method, url, body }) {
          const { pathname, search } = new URL(url);
          const authorization = `Bearer ${harness.tokens.issue("https://management.azure.com")}`;
          const response = await harness.send(method, pathname + search, body, { authorization });
          return {
            status: response.status,
            body: response.body as Value,
            header: (name: string) => response.headers[name.toLowerCase()] as string | undefined,
          };
        },
        token: async () => ({ token: "t", expiresOnTimestamp: 0 }),
      }),
      pause: async () => undefined,
      complain: assert.fail,
    });
    const urn = "urn:pulumi:dev::p::azure-native:iothub:IotHubResource::hub";
    const inputs = { resourceGroupName: "rg-1", resourceName: "hub-1", ...bodyWith(KEYS) };
    const { inputs: checked, failures } = await provider.check(urn, {}, inputs, Buffer.from("seed"));
    assert.deepEqual(failures, []);
    const made = await provider.create(urn, checked, false, 0);
    assert.doesNotMatch(textOf(made.outputs), /c2VjcmV0/);
    const read = await provider.read(urn, made.id, checked, made.outputs);
    assert.deepEqual(read, { ...made, inputs: checked });
  });
});
