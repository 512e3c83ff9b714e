import { strict as assert } from "node:assert";
import fc from "fast-check";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { newHierarchy } from "../../cast/certs";
import { cutGateway } from "../../cast/cutGateway";
import { DataPlane } from "../../cast/dataPlane";
import { dpsGateway } from "../../cast/dpsGateway";
import { fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const SERVICE = "dps-1.azure-devices-provisioning.net";

const given = (ids: readonly string[], entry: object) => ({
  serviceEndpoint: SERVICE,
  ...Object.fromEntries(ids.map((id) => [`device:${id}`, entry])),
});

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `d-${String(index).padStart(3, "0")}`);

describe("a list of enrollments at the local DPS", () => {
  it("is made, read without drift, changed and deleted by tens", async () => {
    const [plane, azure] = [new DataPlane(), fakeAzure()];
    plane.directory.trust("root", (await newHierarchy()).root.certificate);
    const handler = listHandler(dpsGateway(plane, azure));
    const inputs = given(numbered(45), { caReference: "root", initialTwin: { tags: { site: "north" } } });
    const { id, outs } = await handler.create(inputs);
    assert.equal(azure.calls.length, 5);
    assert.deepEqual((await handler.read(id, outs)).props, outs);
    const wanted = given(numbered(44), { caReference: "root", iotEdge: true });
    const { outs: next } = await handler.update(id, outs, wanted);
    assert.deepEqual((await handler.read(id, next)).inputs, wanted);
    const seen = await plane.ask("IndividualEnrollment_Get", { params: { id: "d-007" } });
    assert.deepEqual([seen.body.capabilities, seen.body.initialTwin], [{ iotEdge: true }, undefined]);
    azure.calls.length = 0;
    await handler.delete(id, next);
    assert.equal(azure.calls.length, 5);
    assert.deepEqual((await plane.ask("IndividualEnrollment_Query", { body: { query: "" } })).body, []);
  });

  it("keeps the symmetric keys that the service made through an update", async () => {
    const [plane, azure] = [new DataPlane(), fakeAzure()];
    const handler = listHandler(dpsGateway(plane, azure));
    const { id, outs } = await handler.create(given(["a", "b"], { symmetricKey: {} }));
    const { outs: next } = await handler.update(id, outs, given(["a", "b"], { symmetricKey: {}, deviceId: "x" }));
    assert.deepEqual(next.symmetricKeys, outs.symmetricKeys);
    assert.deepEqual(Object.keys(outs.symmetricKeys as object), ["a", "b"]);
    assert.deepEqual((await handler.read(id, next)).props, next);
  });

  it("is deleted again if the response to its create was lost", async () => {
    const [plane, azure] = [new DataPlane(), fakeAzure()];
    const gateway = dpsGateway(plane, azure);
    const error = await listHandler(cutGateway(gateway, 0, "after").gateway)
      .create(given(["a", "b"], { symmetricKey: {} }))
      .catch((thrown: unknown) => thrown);
    assert.ok(error instanceof PartialError, String(error));
    const enrolled = async () => (await plane.ask("IndividualEnrollment_Query", { body: { query: "" } })).body;
    assert.equal((await enrolled()).length, 2);
    await listHandler(gateway).delete(error.id, error.properties);
    assert.deepEqual(await enrolled(), []);
  });

  it("names what the service refuses, keeps the others, and goes on", async () => {
    const [plane, azure] = [new DataPlane(), fakeAzure()];
    const handler = listHandler(dpsGateway(plane, azure));
    // No such certificate: the service says so of each.
    const wrong = { ...given(["a"], { symmetricKey: {} }), ...given(["b", "c"], { caReference: "nowhere" }) };
    const error = await handler.create(wrong).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof PartialError, String(error));
    assert.match(error.message, /refused 2 of 3[\s\S]*400004 for 2 enrollments:\n {4}b: .*nowhere.*\n {4}c: .*nowhere/);
    assert.deepEqual(
      Object.keys(error.properties).filter((name) => name.startsWith("device:")),
      ["device:a"],
    );
    const { outs } = await handler.update(error.id, error.properties, given(["a", "b", "c"], { symmetricKey: {} }));
    assert.deepEqual(Object.keys(outs.symmetricKeys as object), ["a", "b", "c"]);
  });

  it("touches no device but those that differ, whatever the two lists", async () => {
    const entry = fc.record({ caReference: fc.constantFrom("r", "s"), iotEdge: fc.boolean() });
    const list = fc.dictionary(fc.stringMatching(/^[A-C][a-c0-2]{0,2}$/), entry, { maxKeys: 30 });
    const inputs = (of: object) => ({
      serviceEndpoint: SERVICE,
      ...Object.fromEntries(Object.entries(of).map(([id, each]) => [`device:${id}`, each])),
    });
    await fc.assert(
      fc.asyncProperty(list, list, async (before, after) => {
        const azure = fakeAzure();
        const handler = listHandler(fakeGateway(azure));
        const { id, outs } = await handler.create(inputs(before));
        const etags = new Map([...azure.enrollments].map(([key, { etag }]) => [key, etag]));
        const { outs: next } = await handler.update(id, outs, inputs(after));
        assert.equal((await handler.diff(id, next, inputs(after))).changes, false);
        assert.equal(azure.enrollments.size, Object.keys(after).length);
        for (const [device, wanted] of Object.entries(after)) {
          const current = azure.enrollments.get(`individual/${device.toLowerCase()}`);
          const isSame = JSON.stringify(before[device]) === JSON.stringify(wanted);
          assert.equal(current?.capabilities?.iotEdge, wanted.iotEdge);
          assert.equal(current?.etag === etags.get(`individual/${device.toLowerCase()}`), isSame, device);
        }
      }),
      { numRuns: 100 },
    );
  });
});
