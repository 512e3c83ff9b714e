import assert from "node:assert/strict";
import { type ArmHarness, armHarness, errorOf, TENANT } from "../../../cast/armHarness";
import type { ServedResponse } from "../../../cast/served";

const SUBSCRIPTION = `/subscriptions/${TENANT.subscriptionId}`;
const GROUP = "/resourcegroups/rg-1";
const HUB = `${GROUP}/providers/Microsoft.Devices/IotHubs/hub-1`;
const DPS = `${GROUP}/providers/Microsoft.Devices/provisioningServices/dps-1`;
const USER = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/linker`;
const NEW = "?api-version=2026-08-31";
const BODY = { location: "westeurope", sku: { name: "S1", capacity: 1 } };
const HOST = "Hub-1.azure-devices.net";
const LINK = { hostName: HOST, authenticationType: "SystemAssigned", location: "West Europe" };
const ROLES = {
  "IoT Hub Data Contributor": "4fc6c259-987e-4a07-842e-c321cc9d413f",
  "IoT Hub Registry Contributor": "4ea46cd5-c1b2-4a8e-910b-273211f9ce47",
  "IoT Hub Twin Contributor": "494bdba2-168f-4f31-a0a1-191d2f7c028c",
} as const;

interface Service {
  readonly etag: string;
  readonly identity?: { readonly principalId?: string };
  readonly properties: Record<string, unknown> & { readonly iotHubs: readonly Record<string, unknown>[] };
}

describe("provisioning services linked by a managed identity", () => {
  let harness: ArmHarness;

  beforeEach(async () => {
    harness = await armHarness();
    await harness.arm("PUT", GROUP, { location: "westeurope" });
    await harness.arm("PUT", HUB, BODY);
  });

  afterEach(() => harness.close());

  const withIdentity = (identity: object = { type: "SystemAssigned" }, ...iotHubs: readonly object[]) => ({
    ...BODY,
    identity,
    properties: { iotHubs },
  });
  const put = (body: unknown, path = DPS + NEW, headers = {}) => harness.arm("PUT", path, body, headers);
  const service = async (version = NEW) => (await harness.arm("GET", DPS + version)).body as Service;
  const isOpen = () => harness.deps.directory.provisioningService("dps-1")?.linkedHubs[0]?.isOpen;
  const assignment = (name: string) =>
    `${HUB}/providers/Microsoft.Authorization/roleAssignments/${name.padStart(8, "0")}-0000-4000-8000-000000000000`;
  const assign = (principalId: string | undefined, role: keyof typeof ROLES, name: string) =>
    put(
      {
        properties: {
          principalId,
          roleDefinitionId: `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${ROLES[role]}`,
        },
      },
      assignment(name),
    );
  const refused = (response: ServedResponse, code: number, words: RegExp) => {
    assert.deepEqual([response.status, errorOf(response).code], [Math.floor(code / 1000), code]);
    assert.match(errorOf(response).message, words);
  };

  it("are shown by the api-version that knows the identity, and without a key by an older one", async () => {
    assert.equal((await put(withIdentity(undefined, { ...LINK, allocationWeight: 3 }))).status, 201);
    assert.deepEqual((await service()).properties.iotHubs, [
      {
        allocationWeight: 3,
        name: HOST,
        connectionString: "",
        location: "westeurope",
        hostName: HOST,
        authenticationType: "SystemAssigned",
      },
    ]);
    const before = { allocationWeight: 3, name: HOST, connectionString: "", location: "westeurope" };
    assert.deepEqual((await service("?api-version=2022-12-12")).properties.iotHubs, [before]);
    assert.deepEqual((await service("?api-version=2025-02-01-preview")).properties.iotHubs, [before]);
  });

  it("reach the hub while the identity has the role, and not before or after", async () => {
    await put(withIdentity(undefined, LINK));
    const { identity } = await service();
    assert.equal(isOpen(), false);
    assert.equal((await assign(identity?.principalId, "IoT Hub Data Contributor", "1")).status, 201);
    assert.equal(isOpen(), true);
    await harness.arm("DELETE", assignment("1"));
    assert.equal(isOpen(), false);
  });

  it("need the registry and the twins: one role of each does, one alone does not", async () => {
    await put(withIdentity(undefined, LINK));
    const { identity } = await service();
    await assign(identity?.principalId, "IoT Hub Registry Contributor", "1");
    assert.equal(isOpen(), false);
    await assign(identity?.principalId, "IoT Hub Twin Contributor", "2");
    assert.equal(isOpen(), true);
  });

  it("reach the hub once a role takes effect, where delays are real", async () => {
    await put(withIdentity(undefined, LINK));
    const { identity } = await service();
    harness.shared.switches.realDelays = true;
    await assign(identity?.principalId, "IoT Hub Data Contributor", "1");
    assert.equal(isOpen(), false);
    harness.shared.clock.advance(3_600_000);
    assert.equal(isOpen(), true);
  });

  it("reach a hub whose local authentication is off, which a key does not", async () => {
    await put(withIdentity(undefined, LINK));
    await assign((await service()).identity?.principalId, "IoT Hub Data Contributor", "1");
    await put({ ...BODY, properties: { disableLocalAuth: true } }, HUB);
    assert.equal(isOpen(), true);
    assert.deepEqual(harness.deps.directory.hub("hub-1.azure-devices.net")?.policies, []);
  });

  it("lose the hub with their identity", async () => {
    await put(withIdentity(undefined, LINK));
    await assign((await service()).identity?.principalId, "IoT Hub Data Contributor", "1");
    const { properties, identity: _, ...rest } = await service();
    assert.equal(
      (await put({ ...rest, identity: { type: "None" }, properties }, `${DPS}?api-version=2023-03-01-preview`)).status,
      201,
    );
    assert.equal(isOpen(), false);
  });

  it("reach the hub by a user-assigned identity that is theirs", async () => {
    const created = await put({ location: "westeurope" }, `${USER}?api-version=2023-01-31`);
    const { id, properties } = created.body as { id: string; properties: { principalId: string } };
    const link = { ...LINK, authenticationType: "UserAssigned", selectedUserAssignedIdentityResourceId: id };
    refused(
      await put(withIdentity({ type: "SystemAssigned" }, link)),
      400004,
      /not assigned to the provisioning service/,
    );
    const { selectedUserAssignedIdentityResourceId: _, ...unsaid } = link;
    const users = { type: "UserAssigned", userAssignedIdentities: { [id]: {} } };
    refused(await put(withIdentity(users, unsaid)), 400004, /selectedUserAssignedIdentityResourceId is required/);
    assert.equal((await put(withIdentity(users, link))).status, 201);
    const [shown] = (await service()).properties.iotHubs;
    assert.equal(shown?.selectedUserAssignedIdentityResourceId, id);
    await assign(properties.principalId, "IoT Hub Data Contributor", "1");
    assert.equal(isOpen(), true);
    await harness.arm("DELETE", `${USER}?api-version=2023-01-31`);
    assert.equal(isOpen(), false);
  });

  it("change from a key to an identity and back in place, and drop the key", async () => {
    const { value } = (await harness.arm("POST", `${HUB}/listkeys`)).body as {
      value: readonly { readonly keyName: string; readonly primaryKey: string }[];
    };
    const key = value.find(({ keyName }) => keyName === "iothubowner")?.primaryKey ?? "";
    const connectionString = `HostName=${HOST};SharedAccessKeyName=iothubowner;SharedAccessKey=${key}`;
    await put(withIdentity(undefined, { connectionString, location: "westeurope" }), DPS);
    const before = await service();
    assert.deepEqual(
      [before.properties.iotHubs[0]?.authenticationType, before.properties.iotHubs[0]?.hostName],
      ["KeyBased", HOST],
    );
    await put(withIdentity(undefined, LINK));
    const stored = JSON.stringify(
      harness.deps.resources.named("Microsoft.Devices/provisioningServices", "dps-1")?.properties,
    );
    assert.ok(!stored.includes(key));
    assert.equal(before.identity?.principalId, (await service()).identity?.principalId);
    await put(withIdentity(undefined, { connectionString, authenticationType: "KeyBased", location: "westeurope" }));
    assert.equal(isOpen(), true);
  });

  it("keep the link when a client of an older api-version writes back what it read", async () => {
    await put(withIdentity(undefined, LINK));
    const old = "?api-version=2022-12-12";
    const { properties, ...rest } = await service(old);
    assert.equal((await put({ ...rest, tags: { a: "b" }, properties }, DPS + old)).status, 201);
    assert.equal((await service()).properties.iotHubs[0]?.authenticationType, "SystemAssigned");
  });

  for (const [what, link, code, words] of [
    [
      "a hub that does not exist",
      { ...LINK, hostName: "hub-9.azure-devices.net" },
      404002,
      /Unable to find the IoThub `hub-9/,
    ],
    ["no host name", { ...LINK, hostName: undefined }, 400004, /needs a hostName/],
    [
      "a key besides",
      { ...LINK, connectionString: "HostName=a;SharedAccessKeyName=b;SharedAccessKey=c" },
      400004,
      /has no connectionString/,
    ],
    [
      "an unknown type",
      { ...LINK, authenticationType: "Certificate" },
      400004,
      /authenticationType must be one of KeyBased/,
    ],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      refused(await put(withIdentity(undefined, link)), code, words);
      assert.equal((await harness.arm("GET", DPS)).status, 404);
    });
  }

  it("are refused without the identity they are to be linked by", async () => {
    refused(await put({ ...BODY, properties: { iotHubs: [LINK] } }), 400004, /no system-assigned identity/);
  });

  it("refuse a write with a stale ETag, and change nothing", async () => {
    await put(withIdentity());
    const { etag } = await service();
    await put(withIdentity(undefined, LINK), undefined, { "if-match": etag });
    refused(await put(withIdentity(), undefined, { "if-match": etag }), 412001, /Invalid ETag/);
    assert.equal((await service()).properties.iotHubs.length, 1);
  });

  it("accept no shared access signature while disableLocalAuth is set, which an older api-version leaves", async () => {
    await put({ ...BODY, properties: { disableLocalAuth: true } });
    const policies = () => harness.deps.directory.provisioningService("dps-1")?.policies.length;
    assert.equal(policies(), 0);
    assert.equal((await service()).properties.disableLocalAuth, true);
    assert.ok(!("disableLocalAuth" in (await service("?api-version=2022-12-12")).properties));
    await put(BODY, DPS);
    assert.equal(policies(), 0);
    await put(BODY);
    assert.equal(policies(), 1);
  });
});
