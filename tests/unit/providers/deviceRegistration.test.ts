import { strict as assert } from "node:assert";
import { handler as registrationHandler } from "../../../providers/handlers/deviceRegistrationHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { newHierarchy } from "../../cast/certs";
import { type FakeAzure, fakeAzure, fakeGateway, NOW } from "../../cast/fakeGateway";
import { matchEach } from "../../cast/matchEach";

const INPUTS = {
  globalEndpoint: "global.azure-devices-provisioning.net",
  idScope: "0ne1",
  serviceEndpoint: "dps.azure-devices-provisioning.net",
  registrationId: "dev-1",
  certificateChain: "-----BEGIN CERTIFICATE-----\n",
  privateKey: "the device's key",
  temperature: 30,
};
const ID = "0ne1/registrations/dev-1";
const DEVICE = "hub.azure-devices.net/dev-1";

describe("device registration handler", () => {
  let azure: FakeAzure;
  const handler = () => registrationHandler(fakeGateway(azure));
  const failing = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => assert.fail("it should fail"),
      (error: unknown) => error,
    );

  beforeEach(() => {
    azure = fakeAzure();
  });

  it("registers, sends a temperature, and outputs the receipt, without the key", async () => {
    const { id, outs } = await handler().create(INPUTS);
    assert.equal(id, ID);
    assert.deepEqual(azure.calls, ["register dev-1", `send ${DEVICE} {"temperature":30}`]);
    const { privateKey: _, ...rest } = INPUTS;
    assert.deepEqual(outs, {
      ...rest,
      deviceId: "dev-1",
      assignedHub: "hub.azure-devices.net",
      status: "assigned",
      telemetry: { sent: { temperature: 30 }, accepted: 204, messageId: "id-1", at: NOW.toISOString() },
    });
    assert.equal((await handler().diff(id, outs, INPUTS)).changes, false);
  });

  it("keeps the registration when only the message fails, and the next update goes on", async () => {
    azure.failures.set(`send ${DEVICE} {"temperature":30}`, { status: 401, code: "401002" });
    const failed = await failing(handler().create(INPUTS));
    assert.ok(failed instanceof PartialError);
    assert.equal(failed.id, ID);
    assert.equal(failed.properties.deviceId, "dev-1");
    assert.equal(failed.properties.privateKey, undefined);
    assert.match(failed.reasons[0] ?? "", /401002/);
    assert.equal((await handler().diff(ID, failed.properties, INPUTS)).changes, true);
    const { outs } = await handler().update(ID, failed.properties, INPUTS);
    assert.equal(outs.status, "assigned");
  });

  it("waits ten minutes at most for the service's role on the hub, and not where it has none", async () => {
    azure.refusals = 3;
    const withRole = { ...INPUTS, hubRoleAssignments: ["/role-1"] };
    const { outs } = await handler().create(withRole);
    assert.equal(outs.status, "assigned");
    assert.deepEqual(azure.pauses, [10_000, 10_000, 10_000]);
    assert.equal((await handler().diff(ID, outs, { ...INPUTS, hubRoleAssignments: UNKNOWN })).changes, false);

    azure.refusals = 1000;
    assert.match(String(await failing(handler().create(withRole))), /IotHubUnauthorizedAccess.*\n.*no role on the hub/);
    assert.ok(azure.pauses.reduce((sum, each) => sum + each, 0) <= 30_000 + 600_000);
    const before = azure.pauses.length;
    await failing(handler().create(INPUTS));
    assert.equal(azure.pauses.length, before);
  });

  it("keeps nothing when the registration itself is refused", async () => {
    azure.failures.set("register dev-1", { status: 401, code: "401002" });
    const failed = await failing(handler().create(INPUTS));
    assert.ok(!(failed instanceof PartialError));
  });

  it("reads a missing record or a missing device as gone, and a disabled device as a change", async () => {
    const { outs } = await handler().create(INPUTS);
    assert.deepEqual(await handler().read(ID, outs), { id: ID, props: outs });
    azure.identities.set(DEVICE, { deviceId: "dev-1", status: "disabled" });
    const disabled = await handler().read(ID, outs);
    assert.equal((await handler().diff(ID, disabled.props, INPUTS)).changes, true);
    azure.identities.clear();
    assert.equal((await handler().read(ID, outs)).id, "");
    azure.registrations.clear();
    assert.equal((await handler().read(ID, outs)).id, "");
  });

  it("takes the old identity away when the device is assigned to another hub", async () => {
    const { outs } = await handler().create(INPUTS);
    azure.hub = "other.azure-devices.net";
    const updated = await handler().update(ID, outs, { ...INPUTS, enrollment: "new" });
    assert.equal(updated.outs.assignedHub, "other.azure-devices.net");
    assert.ok(!azure.identities.has(DEVICE));
    assert.ok(azure.identities.has("other.azure-devices.net/dev-1"));
  });

  it("takes the old identity away also when the message to the new hub fails", async () => {
    const { outs } = await handler().create(INPUTS);
    azure.hub = "other.azure-devices.net";
    azure.failures.set(`send ${azure.hub}/dev-1 {"temperature":30}`, { status: 429, code: "429001" });
    const failed = await failing(handler().update(ID, outs, { ...INPUTS, enrollment: "new" }));
    assert.ok(failed instanceof PartialError);
    assert.equal(failed.properties.assignedHub, azure.hub);
    assert.ok(!azure.identities.has(DEVICE));
  });

  it("keeps the old identity in the state until it is gone", async () => {
    const { outs } = await handler().create(INPUTS);
    azure.hub = "other.azure-devices.net";
    const news = { ...INPUTS, enrollment: "new" };
    azure.failures.set(`send ${azure.hub}/dev-1 {"temperature":30}`, { status: 429, code: "429001" });
    azure.failures.set(`delete device ${DEVICE}`, { status: 503, code: "503001" });
    const failed = await failing(handler().update(ID, outs, news));
    assert.ok(failed instanceof PartialError);
    assert.equal(failed.properties.assignedHub, "hub.azure-devices.net");
    assert.equal((await handler().diff(ID, failed.properties, news)).changes, true);
    await handler().update(ID, failed.properties, news);
    assert.ok(!azure.identities.has(DEVICE));
  });

  it("registers again when the service's hubs change, those not known yet among them", async () => {
    const hubs = ["hub.azure-devices.net"];
    const { outs } = await handler().create({ ...INPUTS, hubs });
    assert.deepEqual(outs.hubs, hubs);
    assert.equal((await handler().diff(ID, outs, { ...INPUTS, hubs })).changes, false);
    const other = { ...INPUTS, hubs: ["other.azure-devices.net"] };
    for (const news of [other, { ...INPUTS, hubs: [UNKNOWN] }, { ...INPUTS, hubs: [...hubs, ...other.hubs] }])
      assert.deepEqual(await handler().diff(ID, outs, news), {
        changes: true,
        replaces: [],
        deleteBeforeReplace: true,
      });
    azure.hub = "other.azure-devices.net";
    const updated = await handler().update(ID, outs, other);
    assert.deepEqual(azure.calls.slice(2, 4), ["register dev-1", `send ${azure.hub}/dev-1 {"temperature":30}`]);
    assert.deepEqual([updated.outs.assignedHub, updated.outs.hubs], [azure.hub, other.hubs]);
    assert.equal((await handler().diff(ID, updated.outs, other)).changes, false);
  });

  it("sees no change in older state without hubs, while the device is in one of them", async () => {
    const { outs } = await handler().create(INPUTS);
    const changes = async (state: Readonly<Record<string, unknown>>, hubs: unknown): Promise<boolean> =>
      (await handler().diff(ID, state, { ...INPUTS, revoked: state.revoked, hubs })).changes;
    assert.equal(await changes(outs, ["x.azure-devices.net", "HUB.azure-devices.net"]), false);
    assert.equal(await changes(outs, undefined), false);
    assert.equal(await changes(outs, ["other.azure-devices.net"]), true);
    const never = (await handler().create({ ...INPUTS, revoked: true })).outs;
    assert.equal(await changes(never, ["other.azure-devices.net"]), false);
  });

  it("never replaces for an ID scope or an endpoint that a preview does not know, unless the service is another", async () => {
    const { outs } = await handler().create(INPUTS);
    const diff = (more: Readonly<Record<string, unknown>>) => handler().diff(ID, outs, { ...INPUTS, ...more });
    const unchanged = { changes: false, replaces: [], deleteBeforeReplace: true };
    assert.deepEqual(await diff({ idScope: UNKNOWN }), unchanged);
    assert.deepEqual(await diff({ serviceEndpoint: INPUTS.serviceEndpoint.toUpperCase() }), unchanged);
    assert.deepEqual(await diff({ globalEndpoint: UNKNOWN }), { ...unchanged, changes: true });
    for (const serviceEndpoint of [UNKNOWN, "other.azure-devices-provisioning.net"])
      assert.deepEqual(await diff({ idScope: UNKNOWN, serviceEndpoint }), {
        changes: true,
        replaces: ["serviceEndpoint"],
        deleteBeforeReplace: true,
      });
  });

  it("refuses hubs that are no host names", async () => {
    for (const hubs of ["hub", [""], [1], ["a.net", 1], ["", "a.net"]]) {
      const { failures } = await handler().check({}, { ...INPUTS, hubs });
      matchEach(
        failures.map(({ property, reason }) => `${property}: ${reason}`),
        /^hubs: .*list of host names/,
      );
    }
    assert.deepEqual((await handler().check({}, { ...INPUTS, hubs: UNKNOWN })).failures, []);
  });

  it("deletes the record and the identity, and deletes first when it is replaced", async () => {
    const { outs } = await handler().create(INPUTS);
    const diff = await handler().diff(ID, outs, { ...INPUTS, idScope: "0ne2" });
    assert.deepEqual(diff, { changes: true, replaces: ["idScope"], deleteBeforeReplace: true });
    await handler().delete(ID, outs);
    assert.equal(azure.registrations.size + azure.identities.size, 0);
  });

  it("leaves a revoked device alone, and registers it when it is enabled again", async () => {
    const revoked = { ...INPUTS, revoked: true };
    const { id, outs } = await handler().create(revoked);
    assert.deepEqual([outs.status, outs.deviceId, outs.assignedHub, outs.privateKey], ["disabled", "", "", undefined]);
    assert.deepEqual(azure.calls, []);
    assert.equal((await handler().diff(id, outs, revoked)).changes, false);
    assert.deepEqual(await handler().read(id, outs), { id, props: outs });
    assert.equal((await handler().diff(id, outs, INPUTS)).changes, true);
    const back = await handler().update(id, outs, INPUTS);
    assert.equal(back.outs.status, "assigned");
    const again = await handler().update(id, back.outs, revoked);
    assert.deepEqual([again.outs.status, again.outs.deviceId], ["disabled", "dev-1"]);
    assert.deepEqual(again.outs.telemetry, back.outs.telemetry);
  });

  it("leaves an identity that the hub knows by another certificate to the registration that has the ID now", async () => {
    const { device, intermediate } = await newHierarchy();
    const certificateChain = device.certificate.toPem() + intermediate.certificate.toPem();
    const { outs } = await handler().create({ ...INPUTS, certificateChain });
    const known = (primaryThumbprint: string) =>
      azure.identities.set(DEVICE, {
        deviceId: "dev-1",
        authentication: { type: "selfSigned", x509Thumbprint: { primaryThumbprint } },
      });
    known("0".repeat(64));
    await handler().delete(ID, outs);
    assert.equal(azure.registrations.size, 0);
    assert.ok(azure.identities.has(DEVICE));
    for (const ours of [device.certificate.sha1Thumbprint, device.certificate.sha256Thumbprint.toLowerCase()]) {
      known(ours);
      await handler().delete(ID, outs);
      assert.ok(!azure.identities.has(DEVICE), ours);
    }
  });

  it("keeps a registration while the enrollment is disabled, and registers again once it is enabled", async () => {
    const { id, outs } = await handler().create({ ...INPUTS, enrollment: "r1" });
    const disabled = { ...INPUTS, enrollment: "r2", enrollmentDisabled: true };
    assert.equal((await handler().diff(id, outs, disabled)).changes, true);
    azure.calls.length = 0;
    const kept = (await handler().update(id, outs, disabled)).outs;
    assert.deepEqual(azure.calls, []);
    assert.deepEqual([kept.status, kept.deviceId, kept.enrollment], ["assigned", "dev-1", "r1"]);
    assert.equal((await handler().diff(id, kept, { ...disabled, temperature: 31 })).changes, false);
    assert.deepEqual(await handler().read(id, kept), { id, props: kept });
    const enabled = { ...INPUTS, enrollment: "r3" };
    assert.equal((await handler().diff(id, kept, enabled)).changes, true);
    const { outs: again } = await handler().update(id, kept, enabled);
    assert.deepEqual([again.status, again.enrollment, again.enrollmentDisabled], ["assigned", "r3", undefined]);
    assert.equal((await handler().diff(id, again, enabled)).changes, false);
  });

  it("does not register a new device whose enrollment is disabled", async () => {
    const disabled = { ...INPUTS, enrollmentDisabled: true };
    const { id, outs } = await handler().create(disabled);
    assert.deepEqual(azure.calls, []);
    assert.equal(outs.status, "unassigned");
    assert.equal((await handler().diff(id, outs, disabled)).changes, false);
    assert.deepEqual(await handler().read(id, outs), { id, props: outs });
    assert.equal((await handler().update(id, outs, INPUTS)).outs.status, "assigned");
    assert.equal((await handler().update(id, outs, { ...disabled, revoked: true })).outs.status, "disabled");
  });

  it("asks for what it needs, names it, and says 30 degrees where nothing else is said", async () => {
    const { inputs, failures } = await handler().check({}, {});
    assert.deepEqual(
      failures.map(({ property }) => property),
      ["globalEndpoint", "idScope", "serviceEndpoint", "registrationId", "certificateChain", "privateKey"],
    );
    assert.deepEqual(inputs, { temperature: 30, transport: "https", revoked: false });
    const wrong = { ...INPUTS, registrationId: "a b", certificateChain: INPUTS.privateKey, temperature: 201 };
    assert.deepEqual(
      (await handler().check({}, wrong)).failures.map(({ property }) => property),
      ["registrationId", "certificateChain", "temperature"],
    );
    const { temperature: _, ...older } = INPUTS;
    await handler().create(older);
    assert.ok(azure.calls.includes(`send ${DEVICE} {"temperature":30}`));
  });

  it("changes the transport in place, and sends its message again", async () => {
    const { id, outs } = await handler().create(INPUTS);
    assert.equal(outs.transport, undefined);
    assert.equal((await handler().diff(id, outs, { ...INPUTS, transport: "https" })).changes, false);
    for (const [transport, accepted] of [
      ["mqtt", "PUBACK"],
      ["amqp", "accepted"],
    ] as const) {
      const news = { ...INPUTS, transport };
      const change = { changes: true, replaces: [], deleteBeforeReplace: true };
      assert.deepEqual(await handler().diff(id, outs, news), change);
      azure.calls.length = 0;
      const { outs: updated } = await handler().update(id, outs, news);
      assert.deepEqual(azure.calls, [`register dev-1 over ${transport}`, `send ${DEVICE} {"temperature":30}`]);
      assert.equal((updated.telemetry as { accepted: unknown }).accepted, accepted);
      assert.equal((await handler().diff(id, updated, news)).changes, false);
      const lost = { ...updated, telemetry: { accepted: 204 } };
      assert.equal((await handler().diff(id, lost, news)).changes, true);
    }
    const { failures } = await handler().check({}, { ...INPUTS, transport: "coap" });
    assert.deepEqual(failures, [{ property: "transport", reason: "must be one of https, mqtt, amqp" }]);
  });

  it("counts a message as sent after status 204 only", async () => {
    const { outs } = await handler().create(INPUTS);
    for (const telemetry of [undefined, null, "204", {}, { accepted: 200 }])
      assert.equal((await handler().diff(ID, { ...outs, telemetry }, INPUTS)).changes, true, JSON.stringify(telemetry));
  });

  it("keeps outputs at a refresh that the registration record does not have", async () => {
    const { outs } = await handler().create(INPUTS);
    azure.registrations.set("dev-1", { registrationId: "dev-1", status: "assigned" });
    assert.deepEqual((await handler().read(ID, outs)).props, outs);
    azure.registrations.set("dev-1", { registrationId: "dev-1", status: "failed" });
    const { deviceId: _d, assignedHub: _h, ...never } = outs;
    const seen = await handler().read(ID, never);
    assert.equal(seen.id, ID);
    assert.deepEqual(seen.props, { ...never, deviceId: undefined, assignedHub: undefined, status: "failed" });
  });

  it("takes away an identity under another ID in the same hub, and says so where it cannot", async () => {
    const { outs } = await handler().create(INPUTS);
    azure.identities.set("hub.azure-devices.net/old", { deviceId: "old" });
    await handler().update(ID, { ...outs, deviceId: "old" }, INPUTS);
    assert.deepEqual([...azure.identities.keys()], [DEVICE]);
    azure.failures.set(`delete device ${DEVICE}`, { status: 429, code: "429001" });
    await assert.rejects(handler().delete(ID, outs), /429001/);
    assert.ok(azure.identities.has(DEVICE));
  });

  it("has no telemetry of a device that was revoked before it sent any", async () => {
    const { id, outs } = await handler().create({ ...INPUTS, revoked: true });
    assert.equal(outs.telemetry, null);
    const { telemetry, ...olderState } = outs;
    assert.deepEqual((await handler().read(id, olderState)).props, outs);
    assert.equal((await handler().diff(id, olderState, { ...INPUTS, revoked: true })).changes, false);
  });

  it("deletes the record of a device that never got an identity", async () => {
    await handler().delete(ID, INPUTS);
    assert.deepEqual(azure.calls, ["delete registration dev-1"]);
  });
});
