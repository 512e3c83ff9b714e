import { strict as assert } from "node:assert";
import type { EnrollmentGroupBody, IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { issueRoot } from "../../../certs/issue";
import { readAttestation, withPresentKeys } from "../../../providers/handlers/enrollment/attestation";
import { outputsOf, readShared, sharedBody } from "../../../providers/handlers/enrollment/enrollmentFields";
import { withKeys } from "../../../providers/handlers/enrollment/enrollmentRecord";
import { readCollection, readTwin } from "../../../providers/handlers/enrollment/initialTwin";
import { FIELDS as GROUP, handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import {
  FIELDS,
  individualBody,
  handler as individualHandler,
  readIndividual,
} from "../../../providers/handlers/individualEnrollmentHandler";
import { optionalText, text, UNKNOWN } from "../../../providers/handlers/resource/fields";
import type { Handler } from "../../../providers/handlers/resource/handler";
import { newSigner } from "../../cast/certs";
import { fakeAzure, fakeGateway, NOW } from "../../cast/fakeGateway";

const ATTESTATION = { type: "x509", x509: { caReferences: { primary: "root" } } } as const;
const DEFAULTS = {
  attestation: ATTESTATION,
  provisioningStatus: "enabled",
  reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: true },
  capabilities: { iotEdge: false },
} as const;
const seenGroup = (more: Partial<EnrollmentGroupBody> = {}): EnrollmentGroupBody => ({
  ...{ enrollmentGroupId: "g", attestation: ATTESTATION, ...more },
});
const seenDevice = (more: Partial<IndividualEnrollmentBody> = {}): IndividualEnrollmentBody => ({
  ...{ registrationId: "d", attestation: ATTESTATION, ...more },
});

describe("what an enrollment says to the service", () => {
  it("is the service's defaults spelled out, and nothing of what is left to it", () => {
    assert.deepEqual(sharedBody({ caReference: "root" }), DEFAULTS);
    assert.deepEqual(individualBody({ caReference: "root", registrationId: "d" }), {
      registrationId: "d",
      ...DEFAULTS,
    });
  });

  it("is every input in the wire's form", () => {
    const reprovisionPolicy = { updateHubAssignment: false, migrateDeviceData: false };
    const body = individualBody({
      ...{ registrationId: "d", deviceId: "e", caReference: "root", provisioningStatus: "disabled", iotEdge: true },
      ...{ allocationPolicy: "custom", customAllocation: { webhookUrl: "https://f" }, iotHubs: ["a.net"] },
      ...{ reprovisionPolicy, initialTwin: { tags: {} }, optionalDeviceInformation: { a: 1 } },
    });
    assert.deepEqual(body, {
      ...{ registrationId: "d", deviceId: "e", attestation: ATTESTATION, provisioningStatus: "disabled" },
      ...{ capabilities: { iotEdge: true }, allocationPolicy: "custom", iotHubs: ["a.net"], reprovisionPolicy },
      ...{ initialTwin: { tags: {} }, optionalDeviceInformation: { a: 1 } },
      customAllocationDefinition: { webhookUrl: "https://f", apiVersion: "2021-10-01" },
    });
    const dated = { webhookUrl: "https://f", apiVersion: "2022-01-01" };
    const custom = sharedBody({ caReference: "root", customAllocation: dated });
    assert.deepEqual(custom.customAllocationDefinition, dated);
  });

  it("keeps present keys if the service is to generate them, and only then", () => {
    const keys = { primaryKey: "p", secondaryKey: "s" };
    assert.deepEqual(withPresentKeys({ symmetricKey: {} }, "p", "s"), { symmetricKey: keys });
    assert.deepEqual(withPresentKeys({ symmetricKey: {} }, undefined, undefined), { symmetricKey: {} });
    const own = { symmetricKey: { primaryKey: "q", secondaryKey: "t" } };
    assert.deepEqual(withPresentKeys(own, "p", "s"), own);
    assert.deepEqual(withPresentKeys({ caReference: "root" }, "p", "s"), { caReference: "root" });
  });
});

describe("what the service says of an enrollment", () => {
  const shared = (props: object, more: Partial<EnrollmentGroupBody> = {}) => readShared({ ...props }, seenGroup(more));

  it("is what it does by default where it is silent", () => {
    const { provisioningStatus, reprovisionPolicy, iotEdge, allocationPolicy, iotHubs, initialTwin } = shared({});
    assert.deepEqual(
      { provisioningStatus, reprovisionPolicy, iotEdge, allocationPolicy, iotHubs, initialTwin },
      {
        ...{ provisioningStatus: "enabled", reprovisionPolicy: DEFAULTS.reprovisionPolicy, iotEdge: false },
        ...{ allocationPolicy: undefined, iotHubs: undefined, initialTwin: undefined },
      },
    );
    const policy = { updateHubAssignment: true, migrateDeviceData: false };
    assert.deepEqual(shared({}, { reprovisionPolicy: policy }).reprovisionPolicy, policy);
    assert.equal(shared({}, { capabilities: { iotEdge: true } }).iotEdge, true);
  });

  it("leaves to it what was left to it: a policy but its webhook's, and every hub", () => {
    assert.equal(shared({}, { allocationPolicy: "hashed" }).allocationPolicy, undefined);
    assert.equal(shared({}, { allocationPolicy: "custom" }).allocationPolicy, "custom");
    assert.equal(shared({ allocationPolicy: "static" }, { allocationPolicy: "hashed" }).allocationPolicy, "hashed");
    assert.equal(shared({}, { iotHubs: ["a.net"] }).iotHubs, undefined);
  });

  it("keeps our spelling and order of hubs, and shows other ones", () => {
    const iotHubs = ["B.net", "a.net"];
    assert.deepEqual(shared({ iotHubs }, { iotHubs: ["a.net", "b.net"] }).iotHubs, iotHubs);
    assert.deepEqual(shared({ iotHubs }, { iotHubs: ["a.net"] }).iotHubs, ["a.net"]);
    assert.equal(shared({ iotHubs }).iotHubs, undefined);
  });

  it("keeps our spelling of a webhook that is the same, and shows another one", () => {
    const customAllocation = { webhookUrl: "https://f" };
    const same = { webhookUrl: "https://f", apiVersion: "2021-10-01" };
    assert.deepEqual(
      shared({ customAllocation }, { customAllocationDefinition: same }).customAllocation,
      customAllocation,
    );
    const other = { ...same, apiVersion: "2022-01-01" };
    assert.deepEqual(shared({ customAllocation }, { customAllocationDefinition: other }).customAllocation, other);
    assert.equal(shared({ customAllocation }).customAllocation, undefined);
  });

  it("is no device ID where that is the registration ID and was left to it", () => {
    const idOf = (props: object, more: Partial<IndividualEnrollmentBody>) =>
      readIndividual({ registrationId: "d", ...props }, seenDevice(more)).deviceId;
    assert.equal(idOf({}, { deviceId: "d" }), undefined);
    assert.equal(idOf({}, { deviceId: "e" }), "e");
    assert.equal(idOf({ deviceId: "d" }, { deviceId: "d" }), "d");
    assert.equal(idOf({ deviceId: "e" }, { deviceId: "d" }), "d");
    assert.equal(idOf({ deviceId: "e" }, {}), undefined);
  });

  it("is no device information where there is none, and what is in it where there is", () => {
    const read = (ours: unknown, theirs: IndividualEnrollmentBody["optionalDeviceInformation"]) =>
      readIndividual(
        { registrationId: "d", ...(ours === undefined ? {} : { optionalDeviceInformation: ours }) },
        seenDevice(theirs === undefined ? {} : { optionalDeviceInformation: theirs }),
      ).optionalDeviceInformation;
    assert.equal(read(undefined, undefined), undefined);
    assert.equal(read(undefined, {}), undefined);
    assert.deepEqual(read(undefined, { a: 1 }), { a: 1 });
    assert.deepEqual(read({}, {}), {});
    assert.deepEqual(read({ a: 1 }, {}), {});
    assert.deepEqual(read({ a: 1 }, { a: 1, count: 1, $metadata: {} }), { a: 1 });
  });

  it("is a TPM of ours where the endorsement key is, and an attestation of one kind", () => {
    const tpm = { endorsementKey: "ek" };
    const read = readAttestation({ tpm }, { type: "tpm", tpm: { ...tpm, storageRootKey: "srk" } });
    assert.deepEqual([read.tpm, read.symmetricKey, read.certificate], [tpm, undefined, undefined]);
    assert.deepEqual(readAttestation({ tpm }, { type: "tpm", tpm: { endorsementKey: "other" } }).tpm, {
      endorsementKey: "other",
    });
    assert.equal(readAttestation({ tpm }, { type: "symmetricKey", symmetricKey: {} }).tpm, undefined);
    const symmetricKey = { primaryKey: "p", secondaryKey: "s" };
    const keys = (ours: unknown) => readAttestation({ symmetricKey: ours }, { type: "symmetricKey", symmetricKey });
    assert.deepEqual(keys({}).symmetricKey, {}, "keys that the service made are its own matter");
    assert.deepEqual(keys({ primaryKey: "q", secondaryKey: "s" }).symmetricKey, symmetricKey);
    assert.deepEqual(readAttestation({}, { type: "symmetricKey" }).symmetricKey, {});
  });

  it("is a twin without the service's marks, which in a collection of ours are ours", () => {
    assert.deepEqual(readCollection({}, { a: 1, $metadata: {}, $version: 2, metadata: {}, version: 1, count: 1 }), {
      a: 1,
    });
    assert.deepEqual(readCollection({ version: 1 }, { version: 2, count: 1 }), { version: 2 });
    assert.equal(readCollection(undefined, { $version: 1, additionalProperties: {} }), undefined);
    assert.deepEqual(readCollection({}, undefined), {});
    assert.equal(readCollection(undefined, undefined), undefined);
    assert.equal(readCollection({ a: 1 }, null), undefined);
  });

  it("is our own twin where it says the same, and theirs where it does not", () => {
    const ours = { tags: { a: 1 }, properties: { desired: {} } };
    assert.equal(readTwin(ours, { tags: { a: 1, $version: 1 } }), ours);
    assert.deepEqual(readTwin(ours, { tags: { a: 2 } }), { tags: { a: 2 }, properties: { desired: {} } });
    assert.deepEqual(readTwin(undefined, { properties: { desired: { b: 1 } } }), { properties: { desired: { b: 1 } } });
    assert.equal(readTwin(undefined, { tags: {}, properties: { desired: {} } }), undefined);
    assert.equal(readTwin({ tags: { a: 1 } }, undefined), undefined);
  });
});

describe("an enrollment's outputs", () => {
  const inputs = { serviceEndpoint: "dps", enrollmentGroupId: "g", caReference: "root" };
  const reported = { etag: '"e1"', createdDateTimeUtc: "c", lastUpdatedDateTimeUtc: "u" };

  it("are the inputs, the ETag, the times and a revision of sixteen digits", () => {
    const { revision, ...rest } = outputsOf(GROUP, { ...inputs, unknown: 1 }, seenGroup(reported));
    assert.deepEqual(rest, { ...inputs, ...reported });
    assert.match(String(revision), /^[0-9a-f]{16}$/);
    const bare = outputsOf(GROUP, inputs, seenGroup());
    assert.deepEqual([bare.etag, bare.createdDateTimeUtc, bare.lastUpdatedDateTimeUtc], ["*", "", ""]);
  });

  it("have a revision that secrets, and what is no part of the enrollment, do not change", () => {
    const revision = (more: object) => outputsOf(FIELDS, { registrationId: "d", ...more }, seenDevice()).revision;
    const plain = revision({});
    for (const aside of [
      { symmetricKey: {} },
      { customAllocation: {} },
      { adopt: true },
      { trustedCertificates: "pem" },
    ])
      assert.equal(revision(aside), plain, Object.keys(aside).join());
    for (const said of [{ deviceId: "e" }, { iotEdge: true }, { provisioningStatus: "disabled" }])
      assert.notEqual(revision(said), plain, Object.keys(said).join());
  });

  it("are warned of by the enrollment's ID, and without one that is not known yet", async () => {
    const azure = fakeAzure();
    const signer = await newSigner();
    const root = await issueRoot({ commonName: "Root", signer, lifetimeDays: 20, clock: { now: () => NOW } });
    const group = { serviceEndpoint: "dps.azure-devices-provisioning.net", signingCertificate: root.toPem() };
    for (const enrollmentGroupId of ["line-1", UNKNOWN, undefined]) {
      const result = await groupHandler(fakeGateway(azure)).check({}, { ...group, enrollmentGroupId });
      assert.deepEqual(Object.keys(result), ["inputs", "failures"]);
      assert.equal(result.failures.length, enrollmentGroupId === undefined ? 1 : 0);
    }
    const labels = azure.messages.map((message) => message.replace(/: notAfter is .*$/, ""));
    assert.deepEqual(labels, [
      "Enrollment group line-1, signingCertificate",
      "Enrollment group, signingCertificate",
      "Enrollment group, signingCertificate",
    ]);
  });
});

describe("an enrollment's handler", () => {
  const asked = { serviceEndpoint: "dps.azure-devices-provisioning.net", enrollmentGroupId: "line-1" };
  const filled = async (handler: Handler) => (await handler.check({}, { ...asked, caReference: "root" })).inputs;
  const inputs = { ...asked, caReference: "root" };
  const failing = (call: string, status: number, code: string) => {
    const azure = fakeAzure();
    const handler = groupHandler(fakeGateway(azure));
    return { azure, handler, fail: () => azure.failures.set(call, { status, code }) };
  };

  it("rethrows other errors, even if the present content is as desired", async () => {
    const { handler, fail } = failing("put group/line-1", 429, "429001");
    const whole = await filled(handler);
    const { id, outs } = await handler.create(whole);
    fail();
    await assert.rejects(handler.create(whole), /429001/);
    fail();
    await assert.rejects(handler.update(id, outs, whole), /429001/);
  });

  it("asks for the service and the ID, each by its name", async () => {
    const { handler } = failing("none", 0, "");
    const properties = async (given: Handler) =>
      (await given.check({}, { caReference: "root" })).failures.map(({ property }) => property);
    assert.deepEqual(await properties(handler), ["enrollmentGroupId", "serviceEndpoint"]);
    const individual = individualHandler(fakeGateway(fakeAzure()));
    assert.deepEqual(await properties(individual), ["registrationId", "serviceEndpoint"]);
  });

  it("queries keys only if the response lacks them", async () => {
    const never = { attestation: () => assert.fail("it was asked") };
    const reported = { type: "symmetricKey", symmetricKey: { primaryKey: "p", secondaryKey: "s" } } as const;
    for (const body of [seenGroup(), seenGroup({ attestation: reported })])
      assert.equal(await withKeys(never, body), body);
    const bare = seenGroup({ attestation: { type: "symmetricKey" } });
    assert.deepEqual((await withKeys({ attestation: async () => reported }, bare)).attestation, reported);
    assert.equal(await withKeys({ attestation: async () => undefined }, bare), bare);
  });

  it("reads string properties, and names a missing one", () => {
    assert.equal(text({ a: "x" }, "a"), "x");
    for (const a of [undefined, null, "", 5])
      assert.throws(() => text({ a }, "a"), { name: "TypeError", message: "a is missing from the resource" });
    assert.equal(optionalText({ a: "x" }, "a"), "x");
    for (const a of [undefined, null, "", 5]) assert.equal(optionalText({ a }, "a"), undefined);
  });

  it("reports a failed delete", async () => {
    const { azure, handler, fail } = failing("delete group/line-1", 500, "500000");
    const { id, outs } = await handler.create(inputs);
    fail();
    await assert.rejects(handler.delete(id, outs), /500000/);
    assert.equal(azure.enrollments.size, 1);
    await handler.delete(id, outs);
    assert.equal(azure.enrollments.size, 0);
  });

  it("reports a refusal when what refused is gone again", async () => {
    const { azure, handler, fail } = failing("put group/line-1", 409, "409201");
    fail();
    await assert.rejects(handler.create(inputs), /409201/);
    const { id, outs } = await handler.create(inputs);
    azure.enrollments.clear();
    await assert.rejects(handler.update(id, outs, inputs), /412001/);
  });

  it("takes nothing over by an adopt that is false", async () => {
    const { handler } = failing("none", 0, "");
    await handler.create(inputs);
    const other = { ...inputs, provisioningStatus: "disabled", adopt: false };
    await assert.rejects(handler.create(other), /409201/);
  });

  it("creates again an enrollment that was deleted while its state had no ETag", async () => {
    const { azure, handler } = failing("none", 0, "");
    const { id } = await handler.create(inputs);
    azure.enrollments.clear();
    const { outs } = await handler.update(id, inputs, inputs);
    assert.equal(outs.etag, azure.enrollments.get("group/line-1")?.etag);
  });
});
