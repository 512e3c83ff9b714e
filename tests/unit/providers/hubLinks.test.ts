import { strict as assert } from "node:assert";
import type { HubLink, ProvisioningServiceBody } from "../../../azure/wire/provisioningService";
import { handler as hubLinks } from "../../../providers/handlers/hubLinksHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { handler as serviceIdentity } from "../../../providers/handlers/serviceIdentityHandler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const ID = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Devices/provisioningServices/dps-1";
const HOST = "hub-1.azure-devices.net";
const INPUTS = {
  provisioningServiceId: ID,
  serviceEtag: "e-native",
  hubs: [{ hostName: HOST, location: "westeurope" }],
};
const IDENTITY_LINK: HubLink = { hostName: HOST, authenticationType: "SystemAssigned", location: "westeurope" };
const KEY_LINK: HubLink = {
  name: HOST,
  connectionString: `HostName=${HOST};SharedAccessKeyName=iothubowner;SharedAccessKey=****`,
  location: "West Europe",
};
/** As JSON carries it. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe("the links of a provisioning service by identity", () => {
  let azure: FakeAzure;
  const service = (iotHubs: readonly HubLink[] = [], more: Partial<ProvisioningServiceBody> = {}) =>
    azure.services.set(ID, {
      name: "dps-1",
      location: "westeurope",
      etag: "e0",
      tags: { team: "iot" },
      sku: { name: "S1", capacity: 2 },
      identity: { type: "SystemAssigned", principalId: "p-1" },
      ...more,
      properties: {
        state: "Active",
        provisioningState: "Succeeded",
        allocationPolicy: "Static",
        iotHubs,
        ...more.properties,
      },
    });
  const links = () => plain(azure.services.get(ID)?.properties.iotHubs ?? []);
  const writes = () => azure.calls.filter((call) => call === "put service").length;
  const handler = () => hubLinks(fakeGateway(azure));

  beforeEach(() => {
    azure = fakeAzure();
    service();
  });

  it("are written with the service's ETag, and keep its other properties", async () => {
    const { id, outs } = await handler().create(INPUTS);
    assert.equal(id, `${ID}/iotHubs`);
    assert.deepEqual(links(), [IDENTITY_LINK]);
    const { tags, sku, identity, properties, etag } = plain(azure.services.get(ID) as ProvisioningServiceBody);
    assert.deepEqual(
      [tags, sku, properties.allocationPolicy],
      [{ team: "iot" }, { name: "S1", capacity: 2 }, "Static"],
    );
    assert.deepEqual(identity, { type: "SystemAssigned" });
    assert.equal(outs.etag, etag);
    assert.deepEqual(azure.messages, []);
  });

  it("are not written where they are, in any letter case and spelling of the region", async () => {
    service([
      { ...IDENTITY_LINK, name: HOST, hostName: HOST.toUpperCase(), location: "West Europe", allocationWeight: 1 },
    ]);
    await handler().create(INPUTS);
    assert.equal(writes(), 0);
  });

  it("replace a link by key in place, and say where the key still is", async () => {
    service([KEY_LINK]);
    await handler().create(INPUTS);
    assert.deepEqual(links(), [IDENTITY_LINK]);
    assert.equal(azure.messages.length, 1);
    assert.match(azure.messages[0] ?? "", /by its identity now.*until the next `pulumi refresh`/);
    assert.doesNotMatch(azure.messages[0] ?? "", /SharedAccessKey/);
  });

  it("name the user-assigned identity, the weight, and whether the allocation applies", async () => {
    const hubs = [{ hostName: HOST, location: "westeurope", allocationWeight: 3, applyAllocationPolicy: false }];
    await handler().create({ ...INPUTS, hubs, userAssignedIdentityId: "/identities/u" });
    assert.deepEqual(links(), [
      {
        ...hubs[0],
        authenticationType: "UserAssigned",
        selectedUserAssignedIdentityResourceId: "/identities/u",
      },
    ]);
  });

  it("keep the service's user-assigned identities, without what ARM computes of them", async () => {
    const userAssignedIdentities = { "/identities/u": { clientId: "c", principalId: "p" } };
    service([], { identity: { type: "SystemAssigned, UserAssigned", principalId: "p-1", userAssignedIdentities } });
    await handler().create(INPUTS);
    assert.deepEqual(plain(azure.services.get(ID)?.identity), {
      type: "SystemAssigned, UserAssigned",
      userAssignedIdentities: { "/identities/u": {} },
    });
  });

  it("read the service again when another one wrote it, and give up at the fifth time", async () => {
    azure.failures.set("put service", { status: 412, code: "412001" });
    await handler().create(INPUTS);
    assert.deepEqual([writes(), links().length], [2, 1]);

    service();
    const gateway = fakeGateway(azure);
    const client = gateway.provisioningService(ID);
    const stale = hubLinks({
      ...gateway,
      provisioningService: () => ({ ...client, put: (body) => client.put(body, "old") }),
    });
    await assert.rejects(
      stale.create(INPUTS),
      (error) => error instanceof PartialError && /412001/.test(error.message),
    );
    assert.equal(writes(), 2 + 5);
  });

  it("wait until the service is settled, before a write and after it", async () => {
    service([], { properties: { state: "Transitioning", provisioningState: "Accepted" } });
    const gateway = fakeGateway(azure);
    const pause = async (milliseconds: number) => {
      await gateway.pause(milliseconds);
      service();
    };
    await hubLinks({ ...gateway, pause }).create(INPUTS);
    assert.deepEqual(azure.pauses, [500]);
    assert.deepEqual(links(), [IDENTITY_LINK]);
  });

  for (const [what, properties, message] of [
    ["fails", { state: "ActivationFailed", provisioningState: "Failed" }, /could not link the hubs.*ActivationFailed/],
    [
      "does not settle in ten minutes",
      { state: "Transitioning", provisioningState: "Accepted" },
      /still Transitioning/,
    ],
  ] as const) {
    it(`are kept in the state as begun when the service ${what}`, async () => {
      service([], { properties });
      await assert.rejects(handler().create(INPUTS), (error) => {
        assert.ok(error instanceof PartialError && error.id === `${ID}/iotHubs`);
        assert.equal(error.properties.etag, undefined);
        assert.match(error.message, message);
        assert.match(error.message, /To fix: /);
        return true;
      });
      assert.ok(azure.pauses.reduce((sum, each) => sum + each, 0) <= 600_000);
    });
  }

  it("do not change at the ETag that azure-native wrote, nor at their own after a refresh", async () => {
    const olds = { ...INPUTS, etag: "e-own" };
    const changes = async (serviceEtag: unknown) =>
      (await handler().diff("", olds, { ...INPUTS, serviceEtag })).changes;
    assert.deepEqual(
      [await changes("e-native"), await changes("e-own"), await changes("e-other"), await changes(UNKNOWN)],
      [false, false, true, true],
    );
    const { etag: _, ...begun } = olds;
    assert.equal((await handler().diff("", begun, INPUTS)).changes, true);
  });

  it("come with the switch of local authentication, where it is managed, and put it back", async () => {
    const off = () => azure.services.get(ID)?.properties.disableLocalAuth;
    const { id, outs } = await handler().create({ ...INPUTS, disableLocalAuth: true });
    assert.deepEqual([off(), writes()], [true, 1]);
    service([IDENTITY_LINK]);
    const { props } = await handler().read(id, outs);
    assert.equal(props.disableLocalAuth, false);
    const { changes } = await handler().diff(id, props, { ...INPUTS, disableLocalAuth: true });
    assert.equal(changes, true);
    await handler().update(id, props, { ...INPUTS, disableLocalAuth: true });
    assert.equal(off(), true);
    const left = await handler().update(id, outs, INPUTS);
    assert.equal(off(), false);
    service([IDENTITY_LINK], { properties: { disableLocalAuth: true } });
    await handler().update(id, left.outs, INPUTS);
    assert.equal(off(), true, "what is not managed stays");
    assert.ok(!("disableLocalAuth" in (await handler().read(id, left.outs)).props));
  });

  it("are replaced with the service only", async () => {
    const olds = { ...INPUTS, etag: "e" };
    const other = { ...INPUTS, provisioningServiceId: `${ID}2`, hubs: UNKNOWN };
    assert.deepEqual((await handler().diff("", olds, other)).replaces, ["provisioningServiceId"]);
    assert.deepEqual((await handler().diff("", olds, { ...INPUTS, hubs: [] })).replaces, []);
  });

  it("follow a hub that was replaced", async () => {
    const { outs } = await handler().create(INPUTS);
    await handler().update("", outs, {
      ...INPUTS,
      hubs: [{ hostName: "hub-2.azure-devices.net", location: "westeurope" }],
    });
    assert.deepEqual(
      links().map(({ hostName }) => hostName),
      ["hub-2.azure-devices.net"],
    );
  });

  it("show what was changed in Azure, and the service's ETag", async () => {
    const { id, outs } = await handler().create(INPUTS);
    const read = async () => (await handler().read(id, outs)).props;
    service([IDENTITY_LINK], { etag: "e7" });
    assert.deepEqual(plain(await read()), plain({ ...outs, etag: "e7" }));
    service([KEY_LINK]);
    assert.deepEqual((await read()).hubs, [{ hostName: `${HOST} (by key)`, location: "West Europe" }]);
    service([]);
    assert.deepEqual((await read()).hubs, []);
    assert.equal((await handler().diff(id, await read(), INPUTS)).changes, true);
    azure.services.clear();
    assert.deepEqual(await handler().read(id, outs), { id: "", props: {} });
  });

  it("are removed alone: a link by key stays, and a service that is gone is no error", async () => {
    const { id, outs } = await handler().create(INPUTS);
    const other = { ...KEY_LINK, name: "hub-2.azure-devices.net" };
    service([IDENTITY_LINK, other]);
    await handler().delete(id, outs);
    assert.deepEqual(links(), plain([other]));
    await handler().delete(id, outs);
    service([KEY_LINK]);
    await handler().delete(id, outs);
    assert.deepEqual(links(), plain([KEY_LINK]));
    azure.services.clear();
    await handler().delete(id, outs);
    await assert.rejects(handler().update(id, outs, INPUTS), /There is no provisioning service.*\n.*To fix: /);
  });

  it("need a service and hubs", async () => {
    const { failures } = await handler().check({}, { hubs: [{ location: "westeurope" }] });
    assert.deepEqual(failures.map(({ property }) => property).sort(), ["hubs", "provisioningServiceId"]);
    assert.deepEqual((await handler().check({}, { ...INPUTS, hubs: [UNKNOWN] })).failures, []);
  });
});

describe("the identity of a provisioning service", () => {
  const inputs = { provisioningServiceId: ID };
  let azure: FakeAzure;
  const withPrincipal = (principalId?: string) =>
    azure.services.set(ID, {
      name: "dps-1",
      location: "westeurope",
      sku: {},
      identity: { type: "SystemAssigned", principalId },
      properties: {},
    });
  beforeEach(() => {
    azure = fakeAzure();
  });
  const handler = () => serviceIdentity(fakeGateway(azure));

  it("is known, stays known, and follows the service", async () => {
    withPrincipal("p-1");
    const { id, outs } = await handler().create(inputs);
    assert.deepEqual(outs, { ...inputs, principalId: "p-1" });
    assert.equal((await handler().diff(id, outs, { provisioningServiceId: ID.toUpperCase() })).changes, false);
    withPrincipal("p-2");
    assert.equal((await handler().read(id, outs)).props.principalId, "p-2");
    withPrincipal(undefined);
    assert.deepEqual(await handler().read(id, outs), { id: "", props: {} });
    await handler().delete(id, outs);
  });

  it("is waited for two minutes at most, and refused with a remedy", async () => {
    withPrincipal(undefined);
    await assert.rejects(handler().create(inputs), /no system-assigned identity.*\n.*To fix: /);
    assert.ok(azure.pauses.reduce((sum, each) => sum + each, 0) <= 120_000);
  });
});
