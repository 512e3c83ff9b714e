import { strict as assert } from "node:assert";
import { handler as certificateHandler } from "../../../providers/handlers/certificateAuthority";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroup";
import { UNKNOWN } from "../../../providers/handlers/fields";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollment";
import { type FakeAzure, fakeAzure, fakeWorld } from "../../cast/fakeWorld";

const SERVICE = "dps.azure-devices-provisioning.net";

describe("enrollment handlers", () => {
  let azure: FakeAzure;
  const world = () => fakeWorld(azure);
  const asked = { serviceEndpoint: SERVICE, enrollmentGroupId: "line-1", caReference: "root" };
  const checked = async (more: object = {}) => (await groupHandler(world()).check({}, { ...asked, ...more })).inputs;
  let pem: string;
  let otherPem: string;

  before(async () => {
    azure = fakeAzure();
    const inputs = { rootName: "R", intermediateName: "I" };
    const { outs } = await certificateHandler(world()).create(inputs);
    pem = String(outs.rootCertificate);
    otherPem = String(outs.intermediateCertificate);
  });

  beforeEach(() => {
    azure = fakeAzure();
  });

  it("check fills defaults and tells every fault at once", async () => {
    const { inputs, failures } = await groupHandler(world()).check(
      {},
      { enrollmentGroupId: "a b", provisioningStatus: "off" },
    );
    assert.deepEqual(failures.map(({ property }) => property).sort(), [
      "caReference",
      "enrollmentGroupId",
      "provisioningStatus",
      "serviceEndpoint",
    ]);
    assert.equal(inputs.iotEdge, false);
  });

  it("check passes values that a preview does not know yet", async () => {
    const { failures } = await groupHandler(world()).check(
      {},
      { ...asked, caReference: UNKNOWN, serviceEndpoint: UNKNOWN },
    );
    assert.deepEqual(failures, []);
  });

  it("check wants exactly one of a CA reference and a signing certificate", async () => {
    const { failures } = await groupHandler(world()).check({}, { ...asked, signingCertificate: pem });
    assert.match(failures[0]?.reason ?? "", /exactly one of/);
  });

  it("creates, and sees no difference afterwards nor after a read", async () => {
    const handler = groupHandler(world());
    const inputs = await checked({ initialTwin: { tags: { line: 1 } } });
    const { id, outs } = await handler.create(inputs);
    assert.equal((await handler.diff(id, outs, inputs)).changes, false);
    const read = await handler.read(id, outs);
    assert.deepEqual(read, { id, props: outs, inputs });
  });

  it("reads what was changed behind Pulumi's back into the inputs, so that the next diff repairs it", async () => {
    const handler = groupHandler(world());
    const inputs = await checked();
    const { id, outs } = await handler.create(inputs);
    const present = azure.enrollments.get("group/line-1");
    assert.ok(present);
    azure.enrollments.set("group/line-1", { ...present, provisioningStatus: "disabled", etag: '"theirs"' });
    const read = await handler.read(id, outs);
    assert.equal(read.inputs?.provisioningStatus, "disabled");
    assert.equal((await handler.diff(id, read.props, inputs)).changes, true);
    await handler.update(id, read.props, inputs);
    assert.equal(azure.enrollments.get("group/line-1")?.provisioningStatus, "enabled");
  });

  it("reads what is gone as gone", async () => {
    const handler = groupHandler(world());
    const { id, outs } = await handler.create(await checked());
    azure.enrollments.clear();
    assert.deepEqual(await handler.read(id, outs), { id: "", props: {} });
  });

  it("refuses to update over a change that it has not read: 412 with what to do", async () => {
    const handler = groupHandler(world());
    const { id, outs } = await handler.create(await checked());
    const present = azure.enrollments.get("group/line-1");
    assert.ok(present);
    azure.enrollments.set("group/line-1", { ...present, etag: '"theirs"' });
    await assert.rejects(
      handler.update(id, outs, await checked({ provisioningStatus: "disabled" })),
      /412001.*pulumi refresh/s,
    );
  });

  it("adopts what a killed run made, and only that", async () => {
    const handler = groupHandler(world());
    const first = await handler.create(await checked());
    const again = await handler.create(await checked());
    assert.deepEqual(again, first);
    await assert.rejects(handler.create(await checked({ provisioningStatus: "disabled" })), /409201/);
  });

  it("goes on from state of an older shape: without an ETag, without the fields that came later", async () => {
    const handler = groupHandler(world());
    const inputs = await checked();
    const { id } = await handler.create(inputs);
    const old = { ...asked };
    assert.equal((await handler.diff(id, old, inputs)).changes, false);
    await handler.update(id, old, await checked({ provisioningStatus: "disabled" }));
    assert.equal(azure.enrollments.get("group/line-1")?.provisioningStatus, "disabled");
  });

  it("replaces when the ID or the service changes, and deletes first", async () => {
    const handler = groupHandler(world());
    const { id, outs } = await handler.create(await checked());
    const diff = await handler.diff(id, outs, await checked({ enrollmentGroupId: "line-2" }));
    assert.deepEqual(diff, { changes: true, replaces: ["enrollmentGroupId"], deleteBeforeReplace: true });
  });

  it("deletes whatever the ETag", async () => {
    const handler = groupHandler(world());
    const { id, outs } = await handler.create(await checked());
    await handler.delete(id, { ...outs, etag: '"stale"' });
    assert.equal(azure.enrollments.size, 0);
  });

  it("tells our own certificate by its thumbprint, and sees another one", async () => {
    const handler = individualHandler(world());
    const given = { serviceEndpoint: SERVICE, registrationId: "dev-1", deviceId: "d1", certificate: pem };
    const { inputs } = await handler.check({}, given);
    const { id, outs } = await handler.create(inputs);
    assert.deepEqual((await handler.read(id, outs)).inputs, inputs);
    await fakeWorld(azure)
      .individualEnrollment(SERVICE, "dev-1")
      .put(
        {
          registrationId: "dev-1",
          deviceId: "d1",
          attestation: { type: "x509", x509: { clientCertificates: { primary: { certificate: otherPem } } } },
        },
        "*",
      );
    const read = await handler.read(id, outs);
    assert.match(String(read.inputs?.certificate), /^another certificate: [0-9A-F]{40}$/);
    assert.equal((await handler.diff(id, read.props, inputs)).changes, true);
  });

  it("changes its revision when and only when what it says changes", async () => {
    const handler = individualHandler(world());
    const given = { serviceEndpoint: SERVICE, registrationId: "dev-1", certificate: pem };
    const { inputs } = await handler.check({}, given);
    const { id, outs } = await handler.create(inputs);
    const same = await handler.update(id, outs, inputs);
    assert.equal(same.outs.revision, outs.revision);
    assert.notEqual(same.outs.etag, outs.etag);
    const moved = await handler.update(id, same.outs, { ...inputs, deviceId: "d2" });
    assert.notEqual(moved.outs.revision, outs.revision);
  });
});
