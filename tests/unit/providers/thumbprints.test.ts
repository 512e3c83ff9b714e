import { strict as assert } from "node:assert";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { handler as revocationsHandler } from "../../../providers/handlers/revocationsHandler";
import { type Hierarchy, newHierarchy } from "../../cast/certs";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";
import { matchEach } from "../../cast/matchEach";

const SERVICE = "dps.azure-devices-provisioning.net";
const HUB = "hub.azure-devices.net";
const given = (thumbprints: readonly string[], ids: readonly string[] = []) => ({
  serviceEndpoint: SERVICE,
  devices: ids.map((registrationId) => ({ registrationId })),
  thumbprints,
  hubs: [HUB],
});

/** `count` different texts of the form of a SHA-1 thumbprint. */
const NOBODY = "0".repeat(40);

describe("revocation by thumbprint", () => {
  let azure: FakeAzure;
  let made: Hierarchy;
  let sha1: string;
  let sha256: string;
  const handler = () => revocationsHandler(fakeGateway(azure));
  const enrollment = (id: string) => azure.enrollments.get(`individual/${id}`);
  const status = (id: string) => azure.identities.get(`${HUB}/${id}`)?.status;

  before(async () => {
    made = await newHierarchy();
    ({ sha1Thumbprint: sha1, sha256Thumbprint: sha256 } = made.device.certificate);
  });

  beforeEach(async () => {
    azure = fakeAzure();
    // An individual enrollment by this certificate, and a group's device that its hub knows by the same one.
    const clientCertificates = { primary: { certificate: made.device.certificate.toPem() } };
    await fakeGateway(azure)
      .individualEnrollment(SERVICE, "single")
      .put({ registrationId: "single", attestation: { type: "x509", x509: { clientCertificates } } });
    const authentication = { type: "selfSigned", x509Thumbprint: { primaryThumbprint: sha256.toLowerCase() } } as const;
    azure.identities.set(`${HUB}/grouped`, { deviceId: "grouped", status: "enabled", authentication });
    azure.identities.set(`${HUB}/other`, { deviceId: "other", status: "enabled" });
    azure.registrations.set("grouped", {
      ...{ registrationId: "grouped", deviceId: "grouped", assignedHub: HUB, status: "assigned" },
    });
    azure.calls.length = 0;
  });

  it("finds the holder among enrollments by SHA-1, and among a hub's devices by SHA-256, and blocks them", async () => {
    const { id, outs } = await handler().create(given([sha1]));
    assert.equal(enrollment("single")?.provisioningStatus, "disabled");
    assert.equal(status("grouped"), "enabled", "the hub has SHA-256 only");
    matchEach(azure.messages, new RegExp(`${sha1} is device single's, which is blocked`));
    assert.deepEqual(outs.unmatched, []);
    assert.equal((await handler().diff(id, outs, given([sha1]))).changes, false);
    assert.equal((await handler().diff(id, outs, given([sha1, sha256]))).changes, true);
    const { outs: both } = await handler().update(id, outs, given([sha1, sha256]));
    assert.deepEqual([enrollment("grouped")?.provisioningStatus, status("grouped")], ["disabled", "disabled"]);
    assert.equal(status("other"), "enabled");
    assert.deepEqual((await handler().read(id, both)).props, both);
  });

  it("keeps a device blocked as long as the thumbprint is revoked, also when it holds another certificate by then", async () => {
    const { id, outs } = await handler().create(given([sha256]));
    azure.identities.set(`${HUB}/grouped`, {
      deviceId: "grouped",
      status: "disabled",
      statusReason: "revoked by azure-iot-zero-touch",
    });
    azure.calls.length = 0;
    const { outs: next } = await handler().update(id, outs, given([sha256], ["other"]));
    assert.equal(enrollment("grouped")?.provisioningStatus, "disabled");
    assert.ok(
      !azure.calls.some((call) => call.startsWith("page") || call.startsWith("twins")),
      "nothing is searched again",
    );
    await handler().update(id, next, given([]));
    assert.equal(enrollment("grouped"), undefined);
    assert.equal(status("grouped"), "enabled");
    assert.equal(enrollment("single")?.provisioningStatus, "enabled");
    assert.equal(enrollment("other"), undefined);
  });

  it("blocks once a device that is revoked by its ID and by its certificate, until both are taken back", async () => {
    const { id, outs } = await handler().create(given([sha256], ["grouped"]));
    const { outs: next } = await handler().update(id, outs, given([sha256]));
    assert.equal(enrollment("grouped")?.provisioningStatus, "disabled");
    const { outs: last } = await handler().update(id, next, given([], ["grouped"]));
    assert.equal(enrollment("grouped")?.provisioningStatus, "disabled");
    await handler().delete(id, last);
    assert.equal(enrollment("grouped"), undefined);
  });

  it("takes who is named with the certificate for its holder, without a search", async () => {
    const device = { registrationId: "grouped", certificate: made.device.certificate.toPem() };
    const inputs = { ...given([sha1]), devices: [device] };
    const { id, outs } = await handler().create(inputs);
    assert.deepEqual(outs.unmatched, []);
    assert.ok(!azure.calls.some((call) => call.startsWith("page") || call.startsWith("twins")));
    assert.deepEqual((await handler().read(id, outs)).props, outs);
    await handler().update(id, outs, given([sha1]));
    assert.equal(status("grouped"), "disabled", "its certificate is revoked still");
  });

  it("says which thumbprint matches nothing, and looks again at a refresh: a device that came since is a difference", async () => {
    const { id, outs } = await handler().create(given([NOBODY]));
    assert.deepEqual([outs.unmatched, outs.blocked], [[NOBODY], []]);
    assert.deepEqual((await handler().read(id, outs)).props, outs);
    const authentication = { type: "selfSigned", x509Thumbprint: { secondaryThumbprint: NOBODY } } as const;
    azure.identities.set(`${HUB}/late`, { deviceId: "late", status: "enabled", authentication });
    const seen = await handler().read(id, outs);
    assert.deepEqual(seen.inputs?.thumbprints, []);
    assert.equal((await handler().diff(id, seen.props, given([NOBODY]))).changes, true);
    const { outs: next } = await handler().update(id, seen.props, given([NOBODY]));
    assert.deepEqual(
      [next.unmatched, enrollment("late")?.provisioningStatus, status("late")],
      [[], "disabled", "disabled"],
    );
  });

  it("sees at a refresh that a block was lifted", async () => {
    const { id, outs } = await handler().create(given([sha1]));
    const body = enrollment("single");
    assert.ok(body);
    azure.enrollments.set("individual/single", { ...body, provisioningStatus: "enabled" });
    const seen = await handler().read(id, outs);
    assert.deepEqual(seen.inputs?.thumbprints, []);
    await handler().update(id, seen.props, given([sha1]));
    assert.equal(enrollment("single")?.provisioningStatus, "disabled");
  });

  it("keeps in the state how far it came", async () => {
    azure.failures.set("put individual/grouped", { status: 429, code: "429001" });
    const error = await handler()
      .create(given([sha256], ["other"]))
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    assert.ok(error instanceof PartialError, String(error));
    assert.match(error.message, /429001/);
    assert.equal((await handler().diff("id", error.properties, given([sha256], ["other"]))).changes, true);
    await handler().update("id", error.properties, given([sha256], ["other"]));
    assert.deepEqual(
      ["other", "grouped", "single"].map((id) => enrollment(id)?.provisioningStatus),
      ["disabled", "disabled", "disabled"],
    );
  });

  it("records in the state what a failed run has done: blocked devices, their thumbprints, and what is left", async () => {
    azure.failures.set("put individual/single", { status: 429, code: "429001" });
    const error = await handler()
      .create(given([NOBODY, sha256], ["grouped"]))
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    assert.ok(error instanceof PartialError, String(error));
    assert.deepEqual(error.properties, {
      serviceEndpoint: SERVICE,
      devices: [{ registrationId: "grouped" }],
      thumbprints: [NOBODY],
      blocked: [
        { registrationId: "grouped", assignedHub: HUB, deviceId: "grouped", thumbprints: [sha256] },
        // Pending: the refused request may have arrived all the same.
        { registrationId: "single", thumbprints: [sha256], wasEnabled: true },
      ],
      unmatched: [NOBODY],
    });
  });

  it("counts a thumbprint as done when all its holders are blocked, and one of them open as open", async () => {
    const authentication = { type: "selfSigned", x509Thumbprint: { primaryThumbprint: NOBODY } } as const;
    azure.identities.set(`${HUB}/late`, { deviceId: "late", status: "enabled", authentication });
    azure.failures.set("put individual/single", { status: 429, code: "429001" });
    const error = await handler()
      .create(given([NOBODY, sha1]))
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    assert.ok(error instanceof PartialError, String(error));
    assert.deepEqual([error.properties.thumbprints, error.properties.devices], [[NOBODY], []]);
  });

  it("notes with a device that is named the thumbprints that its certificate has", async () => {
    const device = { registrationId: "grouped", certificate: made.device.certificate.toPem() };
    const { outs } = await handler().create({ ...given([sha1]), devices: [device] });
    assert.deepEqual(outs.blocked, [
      { registrationId: "grouped", assignedHub: HUB, deviceId: "grouped", thumbprints: [sha1] },
    ]);
  });

  it("reads every page of enrollments and of each hub, and knows a hub's device by its enrollment's device ID", async () => {
    const body = enrollment("single");
    assert.ok(body);
    const attestation = { type: "symmetricKey" } as const;
    for (let n = 0; n < 1000; n += 1) {
      const id = `n${String(n).padStart(4, "0")}`;
      azure.enrollments.set(`individual/${id}`, { ...body, registrationId: id, attestation, deviceId: `hub-${id}` });
      azure.identities.set(`${HUB}/x${id}`, { deviceId: `x${id}`, status: "enabled" });
    }
    const authentication = { type: "selfSigned", x509Thumbprint: { secondaryThumbprint: NOBODY } } as const;
    azure.identities.set(`${HUB}/hub-n0999`, { deviceId: "hub-n0999", status: "enabled", authentication });
    const { outs } = await handler().create(given([sha1, NOBODY]));
    const blocked = outs.blocked as readonly { registrationId: string; deviceId?: string }[];
    assert.deepEqual(
      blocked.map(({ registrationId, deviceId }) => [registrationId, deviceId]),
      [
        ["single", undefined],
        ["n0999", "hub-n0999"],
      ],
    );
    assert.equal(status("hub-n0999"), "disabled");
    assert.deepEqual(
      azure.calls.filter((call) => /^(?:page|twins)/.test(call)),
      ["page", "page 1000", `twins ${HUB}`, `twins ${HUB} 1000`],
    );
  });

  it("refuses what is no thumbprint", async () => {
    const { failures } = await handler().check({}, given(["AB", sha1]));
    assert.match(failures[0]?.reason ?? "", /^"AB" is no thumbprint: 40 \(SHA-1\) or 64 \(SHA-256\)/);
  });
});
