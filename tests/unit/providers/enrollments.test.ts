import { strict as assert } from "node:assert";
import { handler as certificateHandler } from "../../../providers/handlers/certificateAuthorityHandler";
import { handler as leafHandler } from "../../../providers/handlers/deviceCertificateHandler";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const SERVICE = "dps.azure-devices-provisioning.net";

describe("enrollment handlers", () => {
  let azure: FakeAzure;
  const gateway = () => fakeGateway(azure);
  const asked = { serviceEndpoint: SERVICE, enrollmentGroupId: "line-1", caReference: "root" };
  const checked = async (more: object = {}) => (await groupHandler(gateway()).check({}, { ...asked, ...more })).inputs;
  let pem: string;
  let otherPem: string;
  let leafPem: string;
  let otherLeafPem: string;

  before(async () => {
    azure = fakeAzure();
    const inputs = { rootName: "R", intermediateName: "I" };
    const { outs } = await certificateHandler(gateway()).create(inputs);
    pem = String(outs.rootCertificate);
    otherPem = String(outs.intermediateCertificate);
    const issuer = { issuerCertificate: otherPem, issuerKey: String(outs.intermediateKey) };
    const leaf = async () => (await leafHandler(gateway()).create({ registrationId: "dev-1", ...issuer })).outs;
    [leafPem, otherLeafPem] = [String((await leaf()).certificate), String((await leaf()).certificate)];
  });

  beforeEach(() => {
    azure = fakeAzure();
  });

  it("check fills in defaults and reports every error at once", async () => {
    const { inputs, failures } = await groupHandler(gateway()).check(
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
    const { failures } = await groupHandler(gateway()).check(
      {},
      { ...asked, caReference: UNKNOWN, serviceEndpoint: UNKNOWN },
    );
    assert.deepEqual(failures, []);
  });

  it("check wants exactly one of a CA reference and a signing certificate", async () => {
    const { failures } = await groupHandler(gateway()).check({}, { ...asked, signingCertificate: pem });
    assert.match(failures[0]?.reason ?? "", /exactly one of/);
  });

  it("takes an enrollment that a killed run began for its own only where it says what was asked for", async () => {
    const handler = groupHandler(gateway());
    const inputs = await checked();
    const { id, outs } = await handler.create(inputs);
    assert.deepEqual((await handler.read(id, { ...inputs, begun: true })).props, outs);
    assert.equal((await handler.read(id, { ...inputs, caReference: "another", begun: true })).id, "");
  });

  it("creates, and sees no difference afterwards nor after a read", async () => {
    const handler = groupHandler(gateway());
    const inputs = await checked({ initialTwin: { tags: { line: 1 } } });
    const { id, outs } = await handler.create(inputs);
    assert.equal((await handler.diff(id, outs, inputs)).changes, false);
    const read = await handler.read(id, outs);
    assert.deepEqual(read, { id, props: outs, inputs });
  });

  it("reads what was changed behind Pulumi's back into the inputs, so that the next diff repairs it", async () => {
    const handler = groupHandler(gateway());
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
    const handler = groupHandler(gateway());
    const { id, outs } = await handler.create(await checked());
    azure.enrollments.clear();
    assert.deepEqual(await handler.read(id, outs), { id: "", props: {} });
  });

  it("refuses to update over a change that it has not read: 412 with what to do", async () => {
    const handler = groupHandler(gateway());
    const { id, outs } = await handler.create(await checked());
    const present = azure.enrollments.get("group/line-1");
    assert.ok(present);
    azure.enrollments.set("group/line-1", { ...present, etag: '"theirs"' });
    await assert.rejects(
      handler.update(id, outs, await checked({ provisioningStatus: "disabled" })),
      /412001.*pulumi refresh/s,
    );
  });

  it("continues after an update with a lost response, or of a killed run", async () => {
    const handler = groupHandler(gateway());
    const { id, outs } = await handler.create(await checked());
    const next = await checked({ provisioningStatus: "disabled" });
    const { outs: unseen } = await handler.update(id, outs, next);
    const { outs: seen } = await handler.update(id, outs, next);
    assert.deepEqual(seen, unseen);
    assert.equal((await handler.diff(id, seen, next)).changes, false);
  });

  it("does not adopt other keys if an update's response was lost", async () => {
    const handler = groupHandler(gateway());
    const key = (octet: number) => Buffer.alloc(32, octet).toString("base64");
    const keyed = (octet: number) =>
      checked({ caReference: undefined, symmetricKey: { primaryKey: key(octet), secondaryKey: key(octet + 1) } });
    const { id, outs } = await handler.create(await keyed(1));
    await handler.update(id, outs, await keyed(3));
    assert.equal((await handler.update(id, outs, await keyed(3))).outs.primaryKey, key(3));
    await assert.rejects(handler.update(id, outs, await keyed(5)), /412001/);
  });

  it("adopts what a killed run made, and only that", async () => {
    const handler = groupHandler(gateway());
    const first = await handler.create(await checked());
    const again = await handler.create(await checked());
    assert.deepEqual(again, first);
    await assert.rejects(handler.create(await checked({ provisioningStatus: "disabled" })), /409201/);
  });

  it("goes on from state of an older shape: without an ETag, without the fields that came later", async () => {
    const handler = groupHandler(gateway());
    const inputs = await checked();
    const { id } = await handler.create(inputs);
    const old = { ...asked };
    assert.equal((await handler.diff(id, old, inputs)).changes, false);
    await handler.update(id, old, await checked({ provisioningStatus: "disabled" }));
    assert.equal(azure.enrollments.get("group/line-1")?.provisioningStatus, "disabled");
  });

  it("replaces when the ID or the service changes, and deletes first", async () => {
    const handler = groupHandler(gateway());
    const { id, outs } = await handler.create(await checked());
    const diff = await handler.diff(id, outs, await checked({ enrollmentGroupId: "line-2" }));
    assert.deepEqual(diff, { changes: true, replaces: ["enrollmentGroupId"], deleteBeforeReplace: true });
  });

  it("deletes whatever the ETag", async () => {
    const handler = groupHandler(gateway());
    const { id, outs } = await handler.create(await checked());
    await handler.delete(id, { ...outs, etag: '"stale"' });
    assert.equal(azure.enrollments.size, 0);
  });

  it("recognizes its own certificate by the thumbprint, and detects another one", async () => {
    const handler = individualHandler(gateway());
    const given = { serviceEndpoint: SERVICE, registrationId: "dev-1", deviceId: "d1", certificate: leafPem };
    const { inputs } = await handler.check({}, given);
    const { id, outs } = await handler.create(inputs);
    assert.deepEqual((await handler.read(id, outs)).inputs, inputs);
    await fakeGateway(azure)
      .individualEnrollment(SERVICE, "dev-1")
      .put(
        {
          registrationId: "dev-1",
          deviceId: "d1",
          attestation: { type: "x509", x509: { clientCertificates: { primary: { certificate: otherLeafPem } } } },
        },
        "*",
      );
    const read = await handler.read(id, outs);
    assert.match(String(read.inputs?.certificate), /^another certificate: [0-9A-F]{40}$/);
    assert.equal((await handler.diff(id, read.props, inputs)).changes, true);
  });

  it("changes its revision when and only when what it says changes", async () => {
    const handler = individualHandler(gateway());
    const given = { serviceEndpoint: SERVICE, registrationId: "dev-1", certificate: leafPem };
    const { inputs } = await handler.check({}, given);
    const { id, outs } = await handler.create(inputs);
    const same = await handler.update(id, outs, inputs);
    assert.equal(same.outs.revision, outs.revision);
    assert.notEqual(same.outs.etag, outs.etag);
    const moved = await handler.update(id, same.outs, { ...inputs, deviceId: "d2" });
    assert.notEqual(moved.outs.revision, outs.revision);
  });

  const faultsOf = async (kind: "group" | "individual", given: object) => {
    const id = kind === "group" ? { enrollmentGroupId: "line-1" } : { registrationId: "dev-1" };
    const make = kind === "group" ? groupHandler : individualHandler;
    const { failures } = await make(gateway()).check({}, { serviceEndpoint: SERVICE, ...id, ...given });
    return failures.map(({ property, reason }) => `${property}: ${reason}`);
  };

  it("check reports each error at its property, in previews too", async () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const wrong: readonly (readonly ["group" | "individual", object, RegExp])[] = [
      ["group", {}, /^caReference: give exactly one of caReference, signingCertificate, symmetricKey; none is given/],
      ["individual", {}, /^certificate: give exactly one of certificate, caReference, symmetricKey, tpm; none/],
      [
        "individual",
        { certificate: leafPem, tpm: { endorsementKey: "AAIAAQ==" } },
        /^tpm: .*certificate and tpm are given/,
      ],
      [
        "individual",
        { certificate: pem },
        /^certificate: .*common name is "R", and must be the registration ID "dev-1"/,
      ],
      [
        "individual",
        { certificate: `${leafPem.slice(0, 90)}\n-----END CERTIFICATE-----` },
        /^certificate: .*cannot|^certificate: the PEM/,
      ],
      ["group", { signingCertificate: leafPem }, /^signingCertificate: must be a CA certificate/],
      [
        "group",
        { signingCertificate: pem, secondarySigningCertificate: pem },
        /^secondarySigningCertificate: must differ/,
      ],
      ["group", { symmetricKey: {}, secondaryCaReference: "b" }, /^secondaryCaReference: needs caReference/],
      ["group", { symmetricKey: { primaryKey: key } }, /^symmetricKey: give both/],
      [
        "group",
        { symmetricKey: { primaryKey: key, secondaryKey: "c2hvcnQ=" } },
        /^symmetricKey: secondaryKey must be the base64 of 16 to 64 bytes$/,
      ],
      ["individual", { tpm: { endorsementKey: "?" } }, /^tpm: endorsementKey must be/],
      ["individual", { tpm: { endorsementKey: "AAAA" } }, /^tpm: endorsementKey must be .* a whole TPM2B_PUBLIC$/],
      ["individual", { tpm: { endorsementKey: "" } }, /^tpm: endorsementKey must be/],
      ["individual", { tpm: { endorsementKey: "AAIAAQ==", storageRootKey: 1 } }, /^tpm: storageRootKey must be/],
      [
        "group",
        { caReference: "a", allocationPolicy: "static" },
        /^iotHubs: the policy static needs exactly one hub, and 0/,
      ],
      [
        "group",
        { caReference: "a", allocationPolicy: "custom" },
        /^customAllocation: the policy custom needs the webhook/,
      ],
      [
        "group",
        { caReference: "a", customAllocation: { webhookUrl: "https://a/b" } },
        /^customAllocation: a webhook is asked only/,
      ],
      [
        "group",
        { caReference: "a", allocationPolicy: "custom", customAllocation: { webhookUrl: "ftp://secret" } },
        /^customAllocation: webhookUrl must be an http or https address$/,
      ],
      [
        "group",
        {
          caReference: "a",
          allocationPolicy: "custom",
          customAllocation: { webhookUrl: "https://a", apiVersion: "1" },
        },
        /^customAllocation: apiVersion must be a date/,
      ],
      [
        "group",
        { caReference: "a", allocationPolicy: "none" },
        /^allocationPolicy: must be one of hashed, geoLatency, static, custom/,
      ],
      ["group", { caReference: "a", iotHubs: [] }, /^iotHubs: must name at least one/],
      ["group", { caReference: "a", iotHubs: ["hub"] }, /^iotHubs: "hub" is not a hub's host name/],
      ["group", { caReference: "a", iotHubs: ["a.b.net", "A.b.net"] }, /^iotHubs: names a hub twice/],
      [
        "group",
        { caReference: "a", reprovisionPolicy: { updateHubAssignment: true } },
        /^reprovisionPolicy: must be an object/,
      ],
      ["group", { caReference: "a", iotEdge: "yes" }, /^iotEdge: must be true or false/],
      ["group", { caReference: "a", adopt: 1 }, /^adopt: must be true, false, or the ETag/],
      [
        "group",
        { caReference: "a", initialTwin: { tag: {} } },
        /^initialTwin: has tags and properties.desired only, not tag/,
      ],
      ["group", { caReference: "a", initialTwin: { tags: { "a.b": 1 } } }, /^initialTwin: tags has the name "a.b"/],
      [
        "group",
        { caReference: "a", initialTwin: { tags: { a: "x".repeat(9000) } } },
        /^initialTwin: tags has 9008 bytes/,
      ],
      [
        "individual",
        { symmetricKey: {}, optionalDeviceInformation: "x" },
        /^optionalDeviceInformation: must be an object/,
      ],
      ["individual", { certificate: leafPem, registrationId: "d".repeat(65) }, /common name/],
    ];
    for (const [kind, given, pattern] of wrong) {
      const found = await faultsOf(kind, given);
      assert.ok(
        found.some((each) => pattern.test(each)),
        `${String(pattern)} is not in ${found.join("; ")}`,
      );
      assert.doesNotMatch(found.join(), /c2hvcnQ|BEGIN|ftp:/);
    }
  });

  it("check passes every kind of attestation and policy, and what a preview does not know yet", async () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const good: readonly (readonly ["group" | "individual", object])[] = [
      ["group", { caReference: "a", secondaryCaReference: "b" }],
      ["group", { signingCertificate: pem, secondarySigningCertificate: otherPem }],
      ["group", { symmetricKey: {} }],
      ["group", { symmetricKey: UNKNOWN, iotHubs: UNKNOWN, allocationPolicy: "static", initialTwin: UNKNOWN }],
      ["group", { caReference: "a", allocationPolicy: "static", iotHubs: [UNKNOWN] }],
      ["individual", { certificate: leafPem, secondaryCertificate: otherLeafPem, allocationPolicy: "geoLatency" }],
      ["individual", { certificate: UNKNOWN, secondaryCertificate: UNKNOWN }],
      ["individual", { symmetricKey: { primaryKey: key, secondaryKey: key }, registrationId: "d".repeat(128) }],
      ["individual", { tpm: { endorsementKey: "AAIAAQ==" }, iotHubs: ["a.azure-devices.net"] }],
      [
        "individual",
        { caReference: "a", allocationPolicy: "custom", customAllocation: { webhookUrl: "https://f/x?code=1" } },
      ],
    ];
    for (const [kind, given] of good) assert.deepEqual(await faultsOf(kind, given), [], JSON.stringify(given));
  });

  it("creates and reads back every field without a difference", async () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const shared = {
      serviceEndpoint: SERVICE,
      provisioningStatus: "disabled",
      allocationPolicy: "custom",
      iotHubs: ["b.azure-devices.net", "a.azure-devices.net"],
      customAllocation: { webhookUrl: "https://f/x?code=1" },
      reprovisionPolicy: { updateHubAssignment: false, migrateDeviceData: false },
      initialTwin: { tags: { line: 1, version: "v2" }, properties: { desired: { rate: [1, 2], empty: {} } } },
      iotEdge: true,
    };
    const all: readonly (readonly ["group" | "individual", object])[] = [
      ["group", { enrollmentGroupId: "g", caReference: "a", secondaryCaReference: "b" }],
      ["group", { enrollmentGroupId: "g", signingCertificate: pem, secondarySigningCertificate: otherPem }],
      ["group", { enrollmentGroupId: "g", symmetricKey: {} }],
      ["individual", { registrationId: "dev-1", certificate: leafPem, secondaryCertificate: otherLeafPem }],
      ["individual", { registrationId: "dev-1", caReference: "a", optionalDeviceInformation: { site: "north" } }],
      ["individual", { registrationId: "dev-1", symmetricKey: { primaryKey: key, secondaryKey: key }, deviceId: "d1" }],
      ["individual", { registrationId: "dev-1", tpm: { endorsementKey: "AAIAAQ==" } }],
    ];
    for (const [kind, own] of all) {
      azure = fakeAzure();
      const handler = (kind === "group" ? groupHandler : individualHandler)(gateway());
      const { inputs, failures } = await handler.check({}, { ...shared, ...own });
      assert.deepEqual(failures, []);
      const { id, outs } = await handler.create(inputs);
      assert.equal((await handler.diff(id, outs, inputs)).changes, false, JSON.stringify(own));
      // The service marks twins as its own.
      for (const [name, body] of azure.enrollments) {
        const tags = { ...body.initialTwin?.tags, $metadata: {}, $version: 1 };
        azure.enrollments.set(name, { ...body, initialTwin: { ...body.initialTwin, tags } });
      }
      const read = await handler.read(id, outs);
      assert.deepEqual(read.inputs, inputs);
      assert.deepEqual(read.props, outs);
      const next = { ...inputs, provisioningStatus: "enabled" };
      const updated = await handler.update(id, read.props, next);
      assert.equal(updated.outs.primaryKey, outs.primaryKey, "keys that the service made stay");
    }
  });

  it("outputs generated keys, and detects keys that someone else changed", async () => {
    const handler = groupHandler(gateway());
    const made = await handler.create(await checked({ caReference: undefined, symmetricKey: {} }));
    assert.equal(Buffer.from(String(made.outs.primaryKey), "base64").length, 32);
    const ours = {
      primaryKey: Buffer.alloc(32, 1).toString("base64"),
      secondaryKey: Buffer.alloc(32, 2).toString("base64"),
    };
    const inputs = await checked({ caReference: undefined, symmetricKey: ours });
    const { outs } = await handler.update(made.id, made.outs, inputs);
    assert.equal(outs.primaryKey, ours.primaryKey);
    assert.equal(outs.revision, made.outs.revision, "a digest must reveal nothing of keys");
    const present = azure.enrollments.get("group/line-1");
    assert.ok(present);
    const theirs = { ...ours, secondaryKey: Buffer.alloc(32, 3).toString("base64") };
    azure.enrollments.set("group/line-1", { ...present, attestation: { type: "symmetricKey", symmetricKey: theirs } });
    const read = await handler.read(made.id, outs);
    assert.equal((await handler.diff(made.id, read.props, inputs)).changes, true);
  });

  it("adopts an existing enrollment: with any content, or with the expected ETag", async () => {
    const handler = groupHandler(gateway());
    const put = (more: object) =>
      fakeGateway(azure)
        .enrollmentGroup(SERVICE, "line-1")
        .put({
          enrollmentGroupId: "line-1",
          attestation: { type: "x509", x509: { caReferences: { primary: "theirs" } } },
          ...more,
        });
    const { etag } = await put({});
    await assert.rejects(handler.create(await checked()), /409201.*adopt/s);
    await assert.rejects(
      handler.create(await checked({ adopt: '"old"' })),
      /Could not adopt .*its ETag is e1 now, and not old: .*To fix: look at the enrollment again/s,
    );
    const inputs = await checked({ adopt: String(etag).replaceAll('"', "") });
    const { id, outs } = await handler.create(inputs);
    assert.equal(azure.enrollments.get("group/line-1")?.attestation.x509?.caReferences?.primary, "root");
    assert.equal((await handler.diff(id, outs, await checked())).changes, false, "the flag may go afterwards");
    const same = await handler.create(await checked({ adopt: true, provisioningStatus: "disabled" }));
    assert.notEqual(same.outs.revision, outs.revision);
  });

  it("keeps the keys of a group with symmetric keys that it takes over", async () => {
    const symmetricKey = {
      primaryKey: Buffer.alloc(32, 1).toString("base64"),
      secondaryKey: Buffer.alloc(32, 2).toString("base64"),
    };
    await fakeGateway(azure)
      .enrollmentGroup(SERVICE, "line-1")
      .put({
        enrollmentGroupId: "line-1",
        attestation: { type: "symmetricKey", symmetricKey },
        provisioningStatus: "disabled",
      });
    const { outs } = await groupHandler(gateway()).create(
      await checked({ caReference: undefined, symmetricKey: {}, adopt: true }),
    );
    assert.equal(outs.primaryKey, symmetricKey.primaryKey);
    assert.equal(azure.enrollments.get("group/line-1")?.provisioningStatus, "enabled");
  });
});
