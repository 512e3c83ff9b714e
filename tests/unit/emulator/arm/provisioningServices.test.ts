import assert from "node:assert/strict";
import { linkedHubsOf } from "../../../../emulator/arm/microsoftDevices/linkedHubs";
import { type ArmHarness, armHarness, errorOf } from "../../../cast/armHarness";
import type { ServedResponse } from "../../../cast/served";

const GROUP = "/resourcegroups/rg-1";
const HUB = `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-1`;
const SERVICES = `${GROUP}/providers/Microsoft.Devices/provisioningServices`;
const DPS = `${SERVICES}/dps-1`;
const BODY = { location: "westeurope", sku: { name: "S1", capacity: 1 } };

const propertiesOf = (response: ServedResponse) =>
  (response.body as { properties: Record<string, unknown> }).properties;

describe("provisioning services in ARM", () => {
  let harness: ArmHarness;
  let keys: Readonly<Record<string, string>>;

  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    await harness.arm("PUT", HUB, BODY);
    const { value } = (await harness.arm("POST", `${HUB}/listkeys`)).body as {
      value: { keyName: string; primaryKey: string }[];
    };
    keys = Object.fromEntries(value.map(({ keyName, primaryKey }) => [keyName, primaryKey]));
  });

  afterEach(() => harness.close());

  const connection = (policy: string, key = keys[policy], host = "hub-1.azure-devices.net") =>
    `HostName=${host};SharedAccessKeyName=${policy};SharedAccessKey=${key}`;
  const linked = (connectionString: string, rest = {}) => ({
    ...BODY,
    properties: { iotHubs: [{ connectionString, location: "West Europe", ...rest }] },
  });

  it("keep the ID of a private endpoint only where a resource may have it", async () => {
    const endpoint = `${DPS}/privateEndpointConnections/c-1`;
    const put = (id: string) => harness.arm("PUT", endpoint, { properties: { privateEndpoint: { id } } });
    await harness.arm("PUT", DPS, BODY);
    for (const id of ["\r\nx: y", "a\u0000"]) assert.equal((await put(id)).status, 400, id);
    assert.equal((await harness.arm("GET", endpoint)).status, 404);
    const id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/e";
    assert.equal((await put(id)).status, 200);
  });

  it("return their ID scope when they are active, and not before", async () => {
    const put = await harness.arm("PUT", DPS, BODY);
    assert.equal(put.status, 201);
    assert.deepEqual([propertiesOf(put).state, propertiesOf(put).idScope], ["Activating", null]);
    assert.match(String(put.headers["azure-asyncoperation"]), /\/provisioningserviceoperationresults\//);
    const id = /operationresults\/(\w+)\?/.exec(String(put.headers["azure-asyncoperation"]))?.[1];
    const polled = await harness.arm("GET", `${DPS}/operationResults/${id}?api-version=2018-01-22&asyncinfo`);
    assert.deepEqual([polled.status, (polled.body as { status: string }).status], [200, "Succeeded"]);
    const got = await harness.arm("GET", DPS);
    const { state, allocationPolicy, idScope, serviceOperationsHostName, deviceProvisioningHostName } =
      propertiesOf(got);
    assert.deepEqual([state, allocationPolicy], ["Active", "Hashed"]);
    assert.match(String(idScope), /^0ne[0-9A-F]{8}$/);
    assert.equal(serviceOperationsHostName, "dps-1.azure-devices-provisioning.net");
    assert.equal(deviceProvisioningHostName, "global.azure-devices-provisioning.net");
  });

  it("are found in the directory by name and ID scope, in any letter case", async () => {
    await harness.arm(
      "PUT",
      DPS,
      linked(connection("iothubowner"), { allocationWeight: 7, applyAllocationPolicy: false }),
    );
    const { directory } = harness.deps;
    const record = directory.provisioningService("DPS-1");
    assert.deepEqual(record?.linkedHubs, [
      {
        hostName: "hub-1.azure-devices.net",
        location: "westeurope",
        applyAllocationPolicy: false,
        allocationWeight: 7,
        isOpen: true,
      },
    ]);
    assert.equal(directory.provisioningServiceByIdScope(record?.idScope.toLowerCase() ?? "")?.key, record?.key);
    assert.equal(directory.provisioningServiceByIdScope(`1ne${record?.idScope.slice(3)}`), undefined);
    assert.deepEqual(record?.policies[0]?.rights, ["ServiceConfig", "DeviceConnect", "EnrollmentWrite"]);
  });

  it("lose access to a linked hub with the hub's policy, key or rights, and regain it with them", async () => {
    await harness.arm("PUT", DPS, linked(connection("iothubowner")));
    const isOpen = () => harness.deps.directory.provisioningService("dps-1")?.linkedHubs[0]?.isOpen;
    const rights = "RegistryRead, RegistryWrite, ServiceConnect, DeviceConnect";
    const owner = { keyName: "iothubowner", rights, primaryKey: keys.iothubowner };
    const put = (...authorizationPolicies: readonly object[]) =>
      harness.arm("PUT", HUB, { ...BODY, properties: { authorizationPolicies } });
    const changes: readonly (readonly [object, boolean])[] = [
      [{ ...owner, primaryKey: Buffer.alloc(32, 1).toString("base64") }, false],
      [owner, true],
      [{ ...owner, rights: "RegistryRead, ServiceConnect" }, false],
      [{ ...owner, secondaryKey: keys.iothubowner, primaryKey: Buffer.alloc(32, 2).toString("base64") }, true],
      [{ ...owner, keyName: "other" }, false],
    ];
    assert.equal(isOpen(), true);
    for (const [policy, expected] of changes) {
      assert.equal((await put(policy)).status, 201);
      assert.equal(isOpen(), expected, JSON.stringify(policy));
    }
    await harness.arm("DELETE", HUB);
    assert.equal(isOpen(), false);
  });

  it("mask a linked hub's key, and keep it when a request sends the mask", async () => {
    await harness.arm("PUT", DPS, linked(connection("iothubowner")));
    const got = await harness.arm("GET", DPS);
    const [link] = propertiesOf(got).iotHubs as Record<string, unknown>[];
    assert.equal(link?.connectionString, connection("iothubowner", "****"));
    assert.equal(link?.name, "hub-1.azure-devices.net");
    assert.ok(!JSON.stringify(got.body).includes(keys.iothubowner ?? "?"));
    assert.equal((await harness.arm("PUT", DPS, got.body)).status, 201);
    const stored = harness.deps.resources.named("Microsoft.Devices/provisioningServices", "dps-1");
    const [kept] = linkedHubsOf(stored?.properties ?? {});
    assert.equal(kept?.authenticationType === undefined && kept?.key, keys.iothubowner);
  });

  it("treat a null of a linked hub as a missing value", async () => {
    const unsaid = { authenticationType: null, applyAllocationPolicy: null, allocationWeight: null };
    assert.equal((await harness.arm("PUT", DPS, linked(connection("iothubowner"), unsaid))).status, 201);
  });

  for (const [what, make, status, code, message] of [
    [
      "no hub of that name",
      () => linked(connection("iothubowner", "AAAA", "hub-9.azure-devices.net")),
      404,
      404002,
      /Unable to find the IoThub `hub-9/,
    ],
    [
      "a wrong key",
      () => linked(connection("iothubowner", "AAAA")),
      400,
      400004,
      /no policy 'iothubowner' with that key/,
    ],
    ["an unknown policy", () => linked(connection("unknown", "AAAA")), 400, 400004, /no policy 'unknown'/],
    ["too few rights", () => linked(connection("registryReadWrite")), 400, 400004, /lacks ServiceConnect/],
    ["a mask of nothing", () => linked(connection("iothubowner", "****")), 400, 400004, /with that key/],
    ["no connection string", () => linked("nonsense"), 400, 400004, /must be 'HostName=/],
    ["51 links", () => times(51, linked(connection("iothubowner"))), 400, 400004, /iotHubs must have at most 50 items/],
    [
      "a weight of 0",
      () => linked(connection("iothubowner"), { allocationWeight: 0 }),
      400,
      400004,
      /allocationWeight must be at least 1/,
    ],
    ["a link twice", () => times(2, linked(connection("iothubowner"))), 400, 400303, /^Cannot have duplicate iot hubs/],
    [
      "a link by identity, which this api-version does not know",
      () => linked("", { authenticationType: "SystemAssigned", hostName: "hub-1.azure-devices.net" }),
      400,
      400004,
      /must be 'HostName=/,
    ],
    [
      "an unknown allocation policy",
      () => ({ ...BODY, properties: { allocationPolicy: "Custom" } }),
      400,
      400004,
      /Hashed/,
    ],
    ["an unknown SKU", () => ({ ...BODY, sku: { name: "S2", capacity: 1 } }), 400, 400004, /one of S1/],
  ] as const) {
    it(`are refused with ${what}, and nothing is created`, async () => {
      const response = await harness.arm("PUT", DPS, make());
      assert.deepEqual([response.status, errorOf(response).code], [status, code]);
      assert.match(errorOf(response).message, message);
      assert.deepEqual((await harness.arm("GET", SERVICES)).body, { value: [] });
    });
  }

  it("have names that follow Azure's rule", async () => {
    for (const name of ["ab", "global", "a_b", "-ab"]) {
      const response = await harness.arm("PUT", `${SERVICES}/${name}`, BODY);
      assert.deepEqual([response.status, errorOf(response).code], [400, 400305], name);
    }
  });

  it("are limited to 10 in a subscription, and hubs to 50, when limits are on", async () => {
    harness.shared.switches.throttling = true;
    for (let index = 0; index < 10; index += 1) {
      assert.equal((await harness.arm("PUT", `${SERVICES}/dps-${index}`, BODY)).status, 201);
    }
    const service = await harness.arm("PUT", `${SERVICES}/dps-10`, BODY);
    assert.deepEqual([service.status, errorOf(service).code], [403, 403002]);
    assert.match(errorOf(service).message, /maximum of 10 .* Provisioning service/);
    assert.equal((await harness.arm("GET", `${SERVICES}/dps-10`)).status, 404);
    assert.equal((await harness.arm("PUT", `${SERVICES}/dps-9`, BODY)).status, 201, "one may be replaced");
    for (let index = 2; index <= 50; index += 1) {
      assert.equal((await harness.arm("PUT", HUB.replace("hub-1", `hub-${index}`), BODY)).status, 201);
    }
    const hub = await harness.arm("PUT", HUB.replace("hub-1", "hub-51"), BODY);
    assert.deepEqual([hub.status, errorOf(hub).code], [403, 403002]);
    harness.shared.switches.throttling = false;
    assert.equal((await harness.arm("PUT", `${SERVICES}/dps-10`, BODY)).status, 201);
  });

  it("do not change when an update is invalid", async () => {
    await harness.arm("PUT", DPS, linked(connection("iothubowner")));
    const before = (await harness.arm("GET", DPS)).body;
    assert.equal((await harness.arm("PUT", DPS, linked(connection("service")))).status, 400);
    assert.deepEqual((await harness.arm("GET", DPS)).body, before);
  });

  it("lose a link that an update leaves out", async () => {
    await harness.arm("PUT", DPS, linked(connection("iothubowner")));
    await harness.arm("PUT", DPS, BODY);
    assert.deepEqual(propertiesOf(await harness.arm("GET", DPS)).iotHubs, []);
  });

  it("reserve their name", async () => {
    const path = "/providers/Microsoft.Devices/checkProvisioningServiceNameAvailability";
    const free = await harness.arm("POST", path, { name: "dps-1" });
    assert.deepEqual(free.body, { nameAvailable: true, reason: "Invalid", message: null });
    await harness.arm("PUT", DPS, BODY);
    const taken = (await harness.arm("POST", path, { name: "dps-1" })).body as { reason: string };
    assert.equal(taken.reason, "AlreadyExists");
    await harness.arm("PUT", "/resourcegroups/rg-2", { location: "westeurope" });
    const other = await harness.arm("PUT", DPS.replace("rg-1", "rg-2"), BODY);
    assert.deepEqual([other.status, errorOf(other).code], [409, 409004]);
    assert.equal((await harness.arm("GET", DPS.replace("rg-1", "rg-2"))).status, 404);
  });
});

/** The body with its link repeated. */
function times<T extends { properties: { iotHubs: readonly object[] } }>(count: number, body: T) {
  return { ...body, properties: { iotHubs: Array.from({ length: count }, () => body.properties.iotHubs[0]) } };
}
