import { strict as assert } from "node:assert";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { handler as revocationsHandler } from "../../../providers/handlers/revocationsHandler";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";
import { matchEach } from "../../cast/matchEach";
import { partial } from "../../cast/partial";

const SERVICE = "dps.azure-devices-provisioning.net";
const HUB = "hub.azure-devices.net";
const given = (...ids: string[]) => ({
  serviceEndpoint: SERVICE,
  devices: ids.map((registrationId) => ({ registrationId })),
});

describe("revocations handler", () => {
  let azure: FakeAzure;
  const handler = () => revocationsHandler(fakeGateway(azure));
  const enrollment = (id: string) => azure.enrollments.get(`individual/${id}`);
  const status = (id: string) => azure.identities.get(`${HUB}/${id}`)?.status;

  beforeEach(() => {
    azure = fakeAzure();
    for (const id of ["a", "b"]) {
      azure.registrations.set(id, { registrationId: id, deviceId: id, assignedHub: HUB, status: "assigned" });
      azure.identities.set(`${HUB}/${id}`, { deviceId: id, status: "enabled" });
    }
  });

  it("reports invalid IDs, and accepts an absent list of devices", async () => {
    const { failures } = await handler().check({}, given("not ok"));
    assert.match(failures[0]?.reason ?? "", /^not ok: /);
    assert.deepEqual((await handler().check({}, { serviceEndpoint: SERVICE })).inputs.devices, []);
    const { outs } = await handler().create(given());
    assert.deepEqual([outs.blocked, azure.calls], [[], []]);
  });

  it("blocks a group's device by a disabled enrollment of its own, and in its hub", async () => {
    const { id, outs } = await handler().create(given("a"));
    assert.equal(enrollment("a")?.provisioningStatus, "disabled");
    assert.deepEqual([status("a"), status("b")], ["disabled", "enabled"]);
    assert.equal((await handler().diff(id, outs, given("a"))).changes, false);
    assert.deepEqual((await handler().read(id, outs)).props, outs);
  });

  it("lets a device in again: its block goes, and its identity is enabled", async () => {
    const { id, outs } = await handler().create(given("a", "b"));
    assert.equal((await handler().diff(id, outs, given("b"))).changes, true);
    const { outs: next } = await handler().update(id, outs, given("b"));
    assert.equal(enrollment("a"), undefined);
    assert.deepEqual([status("a"), status("b")], ["enabled", "disabled"]);
    await handler().delete(id, next);
    assert.equal(enrollment("b"), undefined);
    assert.equal(status("b"), "enabled");
  });

  it("ends a revocation that was interrupted and is wanted no more, in the hub, too", async () => {
    const { id } = await handler().create(given("a"));
    const settled = { ...given(), thumbprints: [], unmatched: [], blocked: [{ registrationId: "a" }] };
    const { props } = await handler().read(id, settled);
    assert.equal((await handler().diff(id, props ?? {}, given())).changes, true);
    const { outs } = await handler().update(id, props ?? {}, given());
    assert.deepEqual([enrollment("a"), status("a"), outs.blocked], [undefined, "enabled", []]);
    assert.equal((await handler().diff(id, outs, given())).changes, false);
  });

  it("disables an enrollment that is there, and enables it again; one disabled by others stays so", async () => {
    const gateway = fakeGateway(azure);
    const attestation = { type: "x509", x509: { caReferences: { primary: "root" } } } as const;
    await gateway.individualEnrollment(SERVICE, "a").put({ registrationId: "a", attestation });
    await gateway
      .individualEnrollment(SERVICE, "b")
      .put({ registrationId: "b", attestation, provisioningStatus: "disabled" });
    const { id, outs } = await handler().create(given("a", "b"));
    assert.equal(enrollment("a")?.provisioningStatus, "disabled");
    await handler().update(id, outs, given());
    assert.equal(enrollment("a")?.provisioningStatus, "enabled");
    assert.equal(enrollment("b")?.provisioningStatus, "disabled");
    assert.equal(status("b"), "enabled");
  });

  it("leaves the symmetric keys of an enrollment as they are, when it is disabled and when it is enabled", async () => {
    const symmetricKey = { primaryKey: "a".repeat(24), secondaryKey: "b".repeat(24) };
    const client = fakeGateway(azure).individualEnrollment(SERVICE, "a");
    await client.put({ registrationId: "a", attestation: { type: "symmetricKey", symmetricKey } });
    const { id, outs } = await handler().create(given("a"));
    assert.equal(enrollment("a")?.provisioningStatus, "disabled");
    assert.deepEqual(enrollment("a")?.attestation.symmetricKey, symmetricKey);
    await handler().update(id, outs, given());
    assert.equal(enrollment("a")?.provisioningStatus, "enabled");
    assert.deepEqual(enrollment("a")?.attestation.symmetricKey, symmetricKey);
  });

  it("accepts an existing block after a lost response, and ends it later", async () => {
    const attestation = { type: "x509", x509: { caReferences: { primary: "root" } } } as const;
    const gateway = fakeGateway(azure);
    const client = gateway.individualEnrollment(SERVICE, "a");
    await client.put({ registrationId: "a", attestation });
    // The transport sends the call again, and the second one meets the first one's ETag.
    const twice: typeof client.put = async (body, etag) => {
      await client.put(body, etag);
      return client.put(body, etag);
    };
    const lossy = revocationsHandler({ ...gateway, individualEnrollment: () => ({ ...client, put: twice }) });
    const { id, outs } = await lossy.create(given("a"));
    assert.equal(enrollment("a")?.provisioningStatus, "disabled");
    await lossy.update(id, outs, given());
    assert.equal(enrollment("a")?.provisioningStatus, "enabled");
  });

  it("leaves an identity disabled that someone else disabled before", async () => {
    azure.identities.set(`${HUB}/a`, { deviceId: "a", status: "disabled", statusReason: "lost in transit" });
    const { id, outs } = await handler().create(given("a"));
    azure.identities.set(`${HUB}/a`, { deviceId: "a", status: "disabled", statusReason: "lost in transit" });
    await handler().update(id, outs, given());
    assert.equal(status("a"), "disabled");
  });

  it("blocks a device that never registered, and one whose certificate is not known", async () => {
    const { outs } = await handler().create(given("unseen"));
    assert.equal(enrollment("unseen")?.attestation.type, "symmetricKey");
    assert.deepEqual(outs.blocked, [{ registrationId: "unseen" }]);
  });

  it("sees by read that a block was lifted at either place, and sets it again", async () => {
    const { id, outs } = await handler().create(given("a", "b"));
    azure.identities.set(`${HUB}/a`, { deviceId: "a", status: "enabled" });
    azure.enrollments.delete("individual/b");
    const read = await handler().read(id, outs);
    assert.deepEqual(read.inputs?.devices, []);
    assert.equal((await handler().diff(id, read.props, given("a", "b"))).changes, true);
    await handler().update(id, read.props, given("a", "b"));
    assert.equal(status("a"), "disabled");
    assert.equal(enrollment("b")?.provisioningStatus, "disabled");
  });

  it("keeps in the state how far it came, and goes on from there", async () => {
    azure.failures.set("put individual/b", { status: 429, code: "429001" });
    const failed = await handler()
      .create(given("a", "b"))
      .then(
        () => assert.fail("it should fail"),
        (error: unknown) => error,
      );
    assert.ok(failed instanceof PartialError);
    assert.deepEqual(failed.properties.devices, [{ registrationId: "a" }]);
    assert.equal((await handler().diff(failed.id, failed.properties, given("a", "b"))).changes, true);
    const { outs } = await handler().update(failed.id, failed.properties, given("a", "b"));
    assert.deepEqual([status("a"), status("b")], ["disabled", "disabled"]);
    await handler().delete(failed.id, outs);
    assert.equal(azure.enrollments.size, 0);
  });

  it("keeps in the state devices that are still blocked, and drops enabled ones", async () => {
    const { id, outs } = await handler().create(given("a", "b"));
    for (const [call, code] of [
      ["delete individual/b", 429],
      [`enabled device ${HUB}/b`, 503],
    ] as const) {
      azure.failures.set(call, { status: code, code: `${code}001` });
      const failed = await partial(handler().update(id, outs, given()));
      assert.match(failed.message, new RegExp(`${code}001`));
      const blocked = [{ registrationId: "b", assignedHub: HUB, deviceId: "b" }];
      assert.deepEqual(failed.properties, {
        ...{ serviceEndpoint: SERVICE, devices: [{ registrationId: "b" }], thumbprints: [], blocked, unmatched: [] },
      });
      assert.deepEqual([enrollment("a"), status("a")], [undefined, "enabled"]);
      assert.equal(status("b"), "disabled");
    }
    const { outs: last } = await handler().update(id, outs, given());
    assert.deepEqual([last.blocked, last.devices, status("b")], [[], [], "enabled"]);
  });

  it("reports a refusal where an enrollment was changed meanwhile and is as it was", async () => {
    const attestation = { type: "x509", x509: { caReferences: { primary: "root" } } } as const;
    await fakeGateway(azure).individualEnrollment(SERVICE, "a").put({ registrationId: "a", attestation });
    azure.failures.set("put individual/a", { status: 412, code: "412001" });
    assert.match((await partial(handler().create(given("a")))).message, /412001/);
    assert.equal(enrollment("a")?.provisioningStatus ?? "enabled", "enabled");
    azure.failures.set("put individual/a", { status: 409, code: "409201" });
    assert.match((await partial(handler().create(given("a")))).message, /409201/);
  });

  it("refuses to write over what was changed between its look and its call", async () => {
    const attestation = { type: "x509", x509: { caReferences: { primary: "root" } } } as const;
    const gateway = fakeGateway(azure);
    await gateway.individualEnrollment(SERVICE, "a").put({ registrationId: "a", attestation });
    const between = revocationsHandler({
      ...gateway,
      individualEnrollment: (service, id) => {
        const client = gateway.individualEnrollment(service, id);
        const put: typeof client.put = async (body, etag) => {
          if (etag !== undefined) await client.put({ registrationId: id, attestation, deviceId: "theirs" }, "*");
          return client.put(body, etag);
        };
        return { ...client, put };
      },
    });
    assert.match((await partial(between.create(given("a")))).message, /412001/);
    assert.equal(enrollment("a")?.deviceId, "theirs");
  });

  it("enables a device whose own enrollment was deleted meanwhile", async () => {
    const attestation = { type: "x509", x509: { caReferences: { primary: "root" } } } as const;
    await fakeGateway(azure).individualEnrollment(SERVICE, "a").put({ registrationId: "a", attestation });
    const { id, outs } = await handler().create(given("a"));
    assert.equal((outs.blocked as readonly { wasEnabled?: boolean }[])[0]?.wasEnabled, true);
    azure.enrollments.clear();
    const { outs: next } = await handler().update(id, outs, given());
    assert.deepEqual([next.blocked, enrollment("a"), status("a")], [[], undefined, "enabled"]);
  });

  it("touches no hub for a device that was never assigned, and sees that its block exists", async () => {
    const { id, outs } = await handler().create(given("new"));
    assert.deepEqual(outs.blocked, [{ registrationId: "new" }]);
    azure.calls.length = 0;
    assert.deepEqual((await handler().read(id, outs)).props, outs);
    await handler().delete(id, outs);
    assert.deepEqual(azure.calls, ["get individual/new", "get individual/new", "delete individual/new"]);
    await handler().delete(id, outs);
  });

  it("takes devices whose IDs are not known yet, and no thumbprint but a whole one", async () => {
    const errors = async (more: object) =>
      (await handler().check({}, { serviceEndpoint: SERVICE, ...more })).failures.map(({ reason }) => reason);
    assert.deepEqual(await errors({ devices: [UNKNOWN, { registrationId: UNKNOWN }] }), []);
    assert.deepEqual(await errors({ devices: "a" }), ["must be a list of devices"]);
    assert.deepEqual(await errors({ devices: [{}] }), ["undefined: registrationId is missing"]);
    assert.deepEqual(await errors({ devices: UNKNOWN, thumbprints: UNKNOWN }), []);
    assert.deepEqual(await errors({ thumbprints: [UNKNOWN, "A".repeat(40), "0".repeat(64)] }), []);
    for (const wrong of ["A".repeat(41), "a".repeat(40), "A".repeat(39), "A".repeat(65), 1, ["A".repeat(40)]]) {
      const found = await errors({ thumbprints: [wrong] });
      matchEach(found, / is no thumbprint: 40 .* or 64 .*upper-case/);
      assert.ok(found[0]?.startsWith(`${JSON.stringify(wrong)} `), found[0]);
    }
    assert.match((await errors({ thumbprints: "A" })).join(), /^"" is no thumbprint/);
  });

  it("ends a block that a killed run left: it knows its own by a mark", async () => {
    await handler().create(given("a"));
    const { id, outs } = await handler().create(given("a"));
    await handler().update(id, outs, given());
    assert.equal(enrollment("a"), undefined);
    assert.equal(status("a"), "enabled");
  });
});
