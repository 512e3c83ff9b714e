import { strict as assert } from "node:assert";
import { Certificate } from "../../../../certs/certificate";
import { issueDevice, issueIntermediate, issueSelfSignedDevice } from "../../../../certs/issue";
import { PROFILES } from "../../../../certs/profiles";
import { daysFromNow, forge, type Hierarchy, NOW, newHierarchy, newSigner, stoppedClock } from "../../../cast/certs";
import { DataPlane, DPS_HOST, link } from "../../../cast/dataPlane";
import { directoryName, forgeCertificate, newForgedKey } from "../../../cast/fuzz/forgedCertificate";

const ID = "device-01";

describe("DPS device API: register", () => {
  let hierarchy: Hierarchy;
  let stranger: Hierarchy;
  let plane: DataPlane;
  let chain: Certificate[];

  before(async () => {
    hierarchy = await newHierarchy();
    stranger = await newHierarchy();
    chain = [hierarchy.device.certificate, hierarchy.intermediate.certificate];
  });

  beforeEach(async () => {
    plane = new DataPlane();
    plane.directory.trust("root", hierarchy.root.certificate);
  });

  const identity = (id: string, hub = "hub-key-hub-1") => plane.hubs.identities.find(hub, id);

  /** Registers, expects the refusal, and sees that nothing changed. */
  async function refused(
    given: readonly Certificate[],
    code: number,
    message: string,
    more: { id?: string; scope?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<string> {
    const before = plane.contents();
    const { id = ID, scope, body = { registrationId: id }, headers = {} } = more;
    const response = await plane.register(id, given, { body, headers, params: scope ? { idScope: scope } : {} });
    assert.deepEqual(
      { status: response.status, code: response.body.errorCode, message: response.body.message },
      { status: Math.floor(code / 1000), code, message },
    );
    assert.match(response.body.trackingId, /^[0-9a-f-]{36}$/);
    assert.equal(response.headers["x-ms-request-id"], response.body.trackingId);
    assert.match(response.body.timestampUtc, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
    assert.equal(plane.contents(), before, "nothing changed");
    return response.headers["x-local-azure-reason"] ?? "";
  }

  describe("through a group", () => {
    beforeEach(async () => {
      assert.equal((await plane.group("line-1", hierarchy.intermediate.certificate)).status, 200);
    });

    it("returns 202 assigning, then 200 assigned, as in the document", async () => {
      const begun = await plane.register(ID, chain);
      assert.equal(begun.status, 202);
      assert.equal(begun.body.status, "assigning");
      assert.match(begun.body.operationId, /^5\.[0-9a-f]{16}\.[0-9a-f-]{36}$/);
      assert.deepEqual(begun.headers, {
        location: `https://global.azure-devices-provisioning.net/0ne00000001/registrations/${ID}/register`,
        "retry-after": "0",
      });
      const done = await plane.ask("RuntimeRegistration_OperationStatusLookup", {
        params: { id: ID, operationId: begun.body.operationId },
        chain,
      });
      const { etag, ...state } = done.body.registrationState;
      assert.equal(done.status, 200);
      assert.equal(done.body.status, "assigned");
      assert.match(Buffer.from(etag, "base64").toString(), /^"[0-9a-f-]+"$/);
      assert.deepEqual(state, {
        x509: { enrollmentGroupId: "line-1" },
        registrationId: ID,
        createdDateTimeUtc: "2026-03-01T12:00:00.0000000Z",
        assignedHub: "hub-1.azure-devices.net",
        deviceId: ID,
        status: "assigned",
        substatus: "initialAssignment",
        lastUpdatedDateTimeUtc: "2026-03-01T12:00:00.0000000Z",
      });
    });

    it("creates the hub's device with the leaf as its credential", async () => {
      await plane.provision(ID, chain);
      assert.deepEqual(identity(ID)?.authentication, {
        type: "selfSigned",
        x509Thumbprint: {
          primaryThumbprint: hierarchy.device.certificate.sha256Thumbprint,
          secondaryThumbprint: hierarchy.device.certificate.sha256Thumbprint,
        },
      });
      assert.equal(identity(ID)?.enabled, true);
    });

    it("finds the last outcome by the status look-up", async () => {
      const look = () =>
        plane.ask("RuntimeRegistration_DeviceRegistrationStatusLookup", {
          params: { id: ID },
          body: { registrationId: ID },
          chain,
        });
      assert.equal((await look()).body.errorCode, 404202);
      await plane.provision(ID, chain);
      const found = await look();
      assert.equal(found.status, 200);
      assert.equal(found.body.assignedHub, "hub-1.azure-devices.net");
      const body = { registrationId: "other" };
      const wrong = { params: { id: ID }, body, chain };
      const response = await plane.ask("RuntimeRegistration_DeviceRegistrationStatusLookup", wrong);
      assert.deepEqual([response.status, response.body.errorCode], [400, 400004]);
      assert.match(response.body.message, /^registrationId .*path$/);
    });

    it("takes the registration ID in any letter case", async () => {
      const done = await plane.provision("DEVICE-01", chain);
      assert.equal(done.body.status, "assigned");
      assert.equal((await plane.provision(ID, chain)).body.registrationState.deviceId, "DEVICE-01");
      assert.equal(plane.hubs.identities.count("hub-key-hub-1").total, 1);
    });

    it("takes a chain with its root, in any order", async () => {
      const { device, intermediate, root } = hierarchy;
      const done = await plane.provision(ID, [device.certificate, root.certificate, intermediate.certificate]);
      assert.equal(done.body.status, "assigned");
    });

    it("takes a chain that holds a CA of the same name with another key besides, and refuses that CA alone", async () => {
      const { device, intermediate } = hierarchy;
      const other = stranger.intermediate.certificate;
      for (const presented of [
        [other, intermediate.certificate],
        [intermediate.certificate, other],
      ]) {
        assert.equal((await plane.register(ID, [device.certificate, ...presented])).status, 202);
      }
      const reason = await refused([device.certificate, other], 401002, "CA certificate not found");
      assert.match(reason, /CN=device-01 was issued by CN=Test Intermediate, which was neither presented nor trusted/);
    });

    it("finds the chain behind more strangers than a path may have certificates", async () => {
      const strangers = Array.from({ length: 12 }, () => stranger.root.certificate);
      assert.equal(
        (await plane.register(ID, [hierarchy.device.certificate, ...strangers, ...chain.slice(1)])).status,
        202,
      );
    });

    it("refuses a client that presented no chain", async () => {
      await refused([], 401002, "Unauthorized");
    });

    it("refuses a leaf without its intermediate", async () => {
      const reason = await refused([hierarchy.device.certificate], 401002, "CA certificate not found");
      assert.match(reason, /neither presented nor trusted/);
    });

    it("refuses a chain to a root that is uploaded but not verified", async () => {
      plane.directory.caCertificates = [];
      plane.directory.trust("root", hierarchy.root.certificate, false);
      await refused(chain, 401002, "CA certificate not found");
    });

    it("refuses a chain to a verified certificate that is expired, not valid yet, or no CA certificate", async () => {
      const { root: issuer, device } = hierarchy;
      const signer = await newSigner();
      for (const [profile, from, to, why] of [
        [PROFILES.intermediate, -20, -10, /expired/],
        [PROFILES.intermediate, 10, 20, /valid only from/],
        [PROFILES.device, -1, 30, /CA/],
      ] as const) {
        const certificate = await forge({
          issuer,
          publicKey: signer.publicKey,
          commonName: "Other",
          profile,
          from: daysFromNow(from),
          to: daysFromNow(to),
        });
        plane.directory.caCertificates = [{ name: "other", der: certificate.raw, isVerified: true }];
        const attestation = { type: "x509", x509: { caReferences: { primary: "other" } } };
        await plane.ask("EnrollmentGroup_CreateOrUpdate", {
          params: { id: "others" },
          headers: { authorization: plane.sas(DPS_HOST, "provisioningserviceowner"), "if-match": "*" },
          body: { enrollmentGroupId: "others", attestation },
        });
        const leaf = await forge({ issuer: { certificate, signer }, publicKey: device.signer.publicKey });
        const { status, headers } = await plane.register(ID, [leaf, certificate]);
        assert.equal(status, 401);
        assert.match(headers["x-local-azure-reason"] ?? "", why);
      }
    });

    it("refuses a chain of strangers with the right names", async () => {
      await refused(
        [stranger.device.certificate, stranger.intermediate.certificate],
        401002,
        "CA certificate not found",
      );
      const mixed = [stranger.device.certificate, hierarchy.intermediate.certificate];
      await refused(mixed, 401002, "CA certificate not found");
    });

    it("refuses a common name that is not the registration ID", async () => {
      await refused(chain, 401002, "Unauthorized", { id: "device-02" });
    });

    it("refuses a common name that only looks like the registration ID: the Kelvin sign is k in lower case", async () => {
      const [issuer, { publicKey }] = [hierarchy.intermediate, hierarchy.device.signer];
      const leaf = await forge({ issuer, publicKey, commonName: "\u212aettle" });
      await refused([leaf, issuer.certificate], 401002, "Unauthorized", { id: "kettle" });
    });

    it("refuses a leaf that expired, and one that is not valid yet", async () => {
      const issuer = hierarchy.intermediate;
      const { publicKey } = hierarchy.device.signer;
      const old = await forge({ issuer, publicKey, from: daysFromNow(-20), to: daysFromNow(-10) });
      assert.match(await refused([old, issuer.certificate], 401002, "Invalid certificate."), /expired/);
      const early = await forge({ issuer, publicKey, from: daysFromNow(1), to: daysFromNow(10) });
      assert.match(await refused([early, issuer.certificate], 401002, "Invalid certificate."), /valid only from/);
    });

    it("judges validity by the local Azure's clock", async () => {
      plane.clock.advance(400 * 86_400);
      assert.match(await refused(chain, 401002, "Invalid certificate."), /expired/);
    });

    it("refuses a leaf whose extended key usage lacks clientAuth", async () => {
      const issuer = hierarchy.intermediate;
      const leaf = await forge({
        issuer,
        publicKey: hierarchy.device.signer.publicKey,
        profile: { purposes: ["serverAuth"] },
      });
      assert.match(await refused([leaf, issuer.certificate], 401002, "Invalid certificate."), /without clientAuth/);
    });

    it("refuses a leaf that another leaf signed", async () => {
      const leaf = await forge({
        issuer: hierarchy.device,
        publicKey: (await newSigner()).publicKey,
        commonName: "device-02",
      });
      const given = [leaf, ...chain];
      await refused(given, 401002, "Invalid certificate.", { id: "device-02" });
    });

    it("refuses an unknown ID scope", async () => {
      await refused(chain, 404201, "Enrollment not found.", { scope: "0ne0000FFFF" });
    });

    it("refuses registration IDs and bodies against the rules", async () => {
      const { status, body } = await plane.register("device 01", chain);
      assert.deepEqual([status, body.errorCode], [400, 400004]);
      const other = { body: { registrationId: "device-02" } };
      await refused(chain, 400004, "registrationId in the body is not that of the path", other);
      await refused(chain, 400004, "Invalid request: the body must be an object", { body: "device-01" });
    });

    it("refuses certificate requests (csr) as not emulated, in the api-version that has them", async () => {
      const asked = { body: { registrationId: ID, csr: "AAAA" }, query: { "api-version": "2025-07-01-preview" } };
      const response = await plane.register(ID, chain, asked);
      assert.deepEqual([response.status, response.body.errorCode], [501, 501000]);
      assert.equal((await plane.register(ID, chain, { body: asked.body })).status, 202, "stable versions know no csr");
    });

    it("returns disabled for a disabled group, and assigns no hub", async () => {
      await plane.ask("EnrollmentGroup_Delete", { params: { id: "line-1" } });
      await plane.group("line-1", hierarchy.intermediate.certificate, { provisioningStatus: "disabled" });
      const response = await plane.register(ID, chain);
      assert.equal(response.status, 200);
      assert.equal(response.body.status, "disabled");
      assert.deepEqual(response.body.registrationState, { registrationId: ID, status: "disabled" });
      assert.equal(identity(ID), undefined);
      const look = { params: { id: ID }, body: { registrationId: ID }, chain };
      const looked = await plane.ask("RuntimeRegistration_DeviceRegistrationStatusLookup", look);
      assert.deepEqual(looked.body, { registrationId: ID, status: "disabled" });
      const { body } = await plane.ask("DeviceRegistrationState_Get", { params: { id: ID } });
      const { etag, lastUpdatedDateTimeUtc, status, assignedHub } = body;
      assert.deepEqual([body.registrationId, status, assignedHub], [ID, "disabled", undefined]);
      assert.ok(etag && lastUpdatedDateTimeUtc, JSON.stringify(body));
    });

    it("keeps the assignment of a device whose group is disabled and enabled again", async () => {
      await plane.register(ID, chain);
      const { assignedHub } = (await plane.ask("DeviceRegistrationState_Get", { params: { id: ID } })).body;
      for (const provisioningStatus of ["disabled", "enabled"]) {
        await plane.ask("EnrollmentGroup_Delete", { params: { id: "line-1" } });
        await plane.group("line-1", hierarchy.intermediate.certificate, { provisioningStatus });
        await plane.register(ID, chain);
        const { body } = await plane.ask("DeviceRegistrationState_Get", { params: { id: ID } });
        const expected = provisioningStatus === "disabled" ? ["disabled", undefined] : ["assigned", assignedHub];
        assert.deepEqual([body.status, body.assignedHub], expected);
      }
    });

    it("returns the outcome only to the certificate that started the registration", async () => {
      const begun = await plane.register(ID, chain);
      const again = await issueDevice({
        registrationId: ID,
        publicKey: (await newSigner()).publicKey,
        issuer: hierarchy.intermediate,
        clock: stoppedClock(),
      });
      const params = { id: ID, operationId: begun.body.operationId };
      const response = await plane.ask("RuntimeRegistration_OperationStatusLookup", {
        params,
        chain: [again, hierarchy.intermediate.certificate],
      });
      assert.equal(response.body.errorCode, 401002);
      const unknown = { ...params, operationId: "5.0.0" };
      const missing = await plane.ask("RuntimeRegistration_OperationStatusLookup", { params: unknown, chain });
      assert.equal(missing.body.errorCode, 404202);
    });

    it("gives the hub the new certificate when a device registers again with one", async () => {
      await plane.provision(ID, chain);
      const renewed = await issueDevice({
        registrationId: ID,
        publicKey: (await newSigner()).publicKey,
        issuer: hierarchy.intermediate,
        clock: stoppedClock(),
      });
      plane.clock.advance(60);
      const done = await plane.provision(ID, [renewed, hierarchy.intermediate.certificate]);
      assert.equal(done.body.registrationState.substatus, "initialAssignment");
      assert.equal(done.body.registrationState.createdDateTimeUtc, "2026-03-01T12:00:00.0000000Z");
      assert.equal(done.body.registrationState.lastUpdatedDateTimeUtc, "2026-03-01T12:01:00.0000000Z");
      assert.equal(identity(ID)?.authentication.x509Thumbprint?.primaryThumbprint, renewed.sha256Thumbprint);
    });

    it("takes time with real delays, and returns Retry-After", async () => {
      plane.switches.realDelays = true;
      const begun = await plane.register(ID, chain);
      assert.equal(begun.headers["retry-after"], "3");
      const poll = () =>
        plane.ask("RuntimeRegistration_OperationStatusLookup", {
          params: { id: ID, operationId: begun.body.operationId },
          chain,
        });
      const early = await poll();
      assert.equal(early.status, 202);
      assert.equal(early.body.status, "assigning");
      assert.equal(early.headers["retry-after"], "3");
      plane.clock.advance(3);
      assert.equal((await poll()).body.status, "assigned");
    });

    it("returns the outcome after the clock is moved back", async () => {
      plane.clock.advance(3600);
      const begun = await plane.register(ID, chain);
      plane.clock.advance(-3600);
      const polled = await plane.ask("RuntimeRegistration_OperationStatusLookup", {
        params: { id: ID, operationId: begun.body.operationId },
        chain,
      });
      assert.deepEqual([polled.status, polled.body.status], [200, "assigned"]);
    });

    it("throttles polls and registrations if the switch is on", async () => {
      plane.switches.throttling = true;
      const { body } = await plane.register(ID, chain);
      const poll = () =>
        plane.ask("RuntimeRegistration_OperationStatusLookup", {
          params: { id: ID, operationId: body.operationId },
          chain,
        });
      for (let count = 0; count < 5; count += 1) assert.equal((await poll()).status, 200);
      const sixth = await poll();
      assert.deepEqual([sixth.status, sixth.body.errorCode, sixth.headers["retry-after"]], [429, 429001, "10"]);
      plane.clock.advance(10);
      assert.equal((await poll()).status, 200);
      plane.clock.advance(50);
      for (let count = 0; count < 5; count += 1) await plane.register(ID, []);
      for (let count = 0; count < 1000; count += 1) {
        assert.equal((await plane.register(ID, chain, { body: "malformed" })).status, 400);
      }
      const one = await plane.register(ID, chain);
      assert.deepEqual([one.status, one.body.errorCode, one.headers["retry-after"]], [429, 429001, "60"]);
    });
  });

  describe("through the right enrollment", () => {
    it("takes the nearest group of several", async () => {
      await plane.group("all", hierarchy.root.certificate);
      assert.deepEqual((await plane.provision(ID, chain)).body.registrationState.x509, { enrollmentGroupId: "all" });
      await plane.group("line-1", hierarchy.intermediate.certificate);
      assert.deepEqual((await plane.provision(ID, chain)).body.registrationState.x509, { enrollmentGroupId: "line-1" });
    });

    it("does not fall through from a disabled nearer group", async () => {
      await plane.group("all", hierarchy.root.certificate);
      await plane.group("line-1", hierarchy.intermediate.certificate, { provisioningStatus: "disabled" });
      assert.equal((await plane.register(ID, chain)).body.status, "disabled");
    });

    it("finds a group above the nearest verified certificate, if one above is verified too", async () => {
      plane.directory.trust("intermediate", hierarchy.intermediate.certificate);
      await plane.group("all", hierarchy.root.certificate);
      assert.equal((await plane.provision(ID, chain)).body.status, "assigned");
      const bare = await plane.provision(ID, [hierarchy.device.certificate]);
      assert.equal(bare.body.status, "assigned", "the verified certificate itself is the link");
      plane.directory.caCertificates = plane.directory.caCertificates.filter(({ name }) => name !== "root");
      await refused(chain, 401002, "Unauthorized");
    });

    it("needs no chain when the issuer itself is verified", async () => {
      plane.directory.trust("intermediate", hierarchy.intermediate.certificate);
      await plane.group("line-1", hierarchy.intermediate.certificate);
      assert.equal((await plane.provision(ID, [hierarchy.device.certificate])).body.status, "assigned");
    });

    it("takes a group by a CA reference", async () => {
      const attestation = { type: "x509", x509: { caReferences: { primary: "ROOT" } } };
      const body = { enrollmentGroupId: "all", attestation };
      const made = await plane.ask("EnrollmentGroup_CreateOrUpdate", { params: { id: "all" }, body });
      assert.deepEqual([made.status, made.body.attestation], [200, attestation]);
      assert.equal((await plane.provision(ID, chain)).body.status, "assigned");
    });

    it("refuses a verified chain without an enrollment as unauthorized, not as not found (404201)", async () => {
      await refused(chain, 401002, "Unauthorized");
    });

    it("refuses a group's own certificate when nothing above it is verified", async () => {
      plane.directory.caCertificates = [];
      await plane.group("line-1", hierarchy.intermediate.certificate);
      await refused([...chain, hierarchy.root.certificate], 401002, "CA certificate not found");
    });

    it("honours the path length of a CA", async () => {
      const signer = await newSigner();
      const certificate = await forge({
        issuer: hierarchy.intermediate,
        publicKey: signer.publicKey,
        commonName: "Too deep",
        profile: PROFILES.intermediate,
      });
      const leaf = await forge({ issuer: { certificate, signer }, publicKey: (await newSigner()).publicKey });
      await plane.group("line-1", hierarchy.intermediate.certificate);
      const given = [leaf, certificate, hierarchy.intermediate.certificate];
      assert.match(await refused(given, 401002, "Invalid certificate."), /CA certificates below it/);
    });

    it("puts the individual enrollment before the group, enabled or not", async () => {
      await plane.group("line-1", hierarchy.intermediate.certificate);
      await plane.individual(ID, hierarchy.device.certificate, { deviceId: "Pump-7" });
      const done = await plane.provision(ID, chain);
      assert.deepEqual(done.body.registrationState.x509, {});
      assert.equal(done.body.registrationState.deviceId, "Pump-7");
      const update = { provisioningStatus: "disabled" };
      await plane.ask("IndividualEnrollment_Delete", { params: { id: ID } });
      await plane.individual(ID, hierarchy.device.certificate, update);
      assert.equal((await plane.register(ID, chain)).body.status, "disabled");
    });

    it("takes a self-signed certificate of an individual enrollment, primary or secondary", async () => {
      const make = async () =>
        issueSelfSignedDevice({ registrationId: ID, signer: await newSigner(), clock: stoppedClock() });
      const [first, second, third] = [await make(), await make(), await make()];
      const clientCertificates = {
        primary: { certificate: first.toPem() },
        secondary: { certificate: second.raw.toString("base64") },
      };
      const attestation = { type: "x509", x509: { clientCertificates } };
      const body = { registrationId: ID, attestation };
      await plane.ask("IndividualEnrollment_CreateOrUpdate", { params: { id: ID }, body });
      assert.equal((await plane.provision(ID, [first])).body.status, "assigned");
      assert.equal((await plane.provision(ID, [second])).body.status, "assigned");
      await refused([third], 401002, "Invalid certificate.");
      await refused(chain, 401002, "Invalid certificate.");
    });

    it("needs no chain for an individual enrollment's certificate, and refuses it when it is expired", async () => {
      plane.directory.caCertificates = [];
      await plane.individual(ID, hierarchy.device.certificate);
      assert.equal((await plane.provision(ID, [hierarchy.device.certificate])).body.status, "assigned");
      assert.equal((await plane.provision(ID, chain)).body.status, "assigned");
      plane.clock.advance(400 * 86_400);
      await refused([hierarchy.device.certificate], 401002, "Invalid certificate.");
    });

    it("takes a version 1 certificate of an individual enrollment, and judges its common name at the registration", async () => {
      // azure-iot-sdk-node, provisioning/e2e/_provisioning_e2e.js: its certificates have no version and no extension.
      const key = newForgedKey("rsa");
      const old = (commonName: string): Certificate => {
        const name = directoryName([`CN=${commonName}`]);
        const validity = { notBefore: daysFromNow(-1), notAfter: daysFromNow(30) };
        const fields = { version: 1, serial: 7, issuer: name, subject: name, spki: key.spki, extensions: [] } as const;
        return Certificate.presented(forgeCertificate({ ...fields, ...validity, signer: key, hash: "sha256" }));
      };
      assert.equal((await plane.individual(ID, old(ID))).status, 200);
      assert.equal((await plane.provision(ID, [old(ID)])).body.status, "assigned");
      assert.equal((await plane.individual("device-02", old("another"))).status, 200);
      assert.equal((await plane.register("device-02", [old("another")])).status, 401);
    });

    it("takes an individual enrollment by a CA reference", async () => {
      plane.directory.trust("other", stranger.root.certificate);
      const attestation = { type: "x509", x509: { caReferences: { primary: "other" } } };
      const body = { registrationId: ID, attestation };
      await plane.ask("IndividualEnrollment_CreateOrUpdate", { params: { id: ID }, body });
      await refused(chain, 401002, "CA certificate not found");
      const theirs = [stranger.device.certificate, stranger.intermediate.certificate];
      assert.equal((await plane.provision(ID, theirs)).body.status, "assigned");
    });

    it("finds a device below two intermediates", async () => {
      const upper = await newSigner();
      const certificate = await issueIntermediate({
        commonName: "Upper",
        publicKey: upper.publicKey,
        issuer: hierarchy.root,
        pathLength: 1,
        clock: stoppedClock(),
      });
      const lower = await newSigner();
      const lowerCertificate = await issueIntermediate({
        commonName: "Lower",
        publicKey: lower.publicKey,
        issuer: { certificate, signer: upper },
        clock: stoppedClock(),
      });
      const leaf = await issueDevice({
        registrationId: ID,
        publicKey: (await newSigner()).publicKey,
        issuer: { certificate: lowerCertificate, signer: lower },
        clock: stoppedClock(),
      });
      await plane.group("upper", certificate);
      assert.equal((await plane.provision(ID, [leaf, lowerCertificate, certificate])).body.status, "assigned");
      await refused([leaf, lowerCertificate], 401002, "CA certificate not found");
    });
  });

  describe("to a hub", () => {
    const twin = { tags: { site: "north" }, properties: { desired: { interval: 5 } } };

    it("takes a null in the initial twin for nothing", async () => {
      const desired = { interval: null, deep: { a: null, b: 1 } };
      await plane.group("line-1", hierarchy.intermediate.certificate, {
        initialTwin: { tags: { site: null }, properties: { desired } },
      });
      await plane.provision(ID, chain);
      assert.deepEqual([identity(ID)?.tags, identity(ID)?.desired], [{}, { deep: { b: 1 } }]);
    });

    it("gives a new device the initial twin, and leaves it at the next registration", async () => {
      await plane.group("line-1", hierarchy.intermediate.certificate, {
        initialTwin: twin,
        capabilities: { iotEdge: true },
      });
      await plane.provision(ID, chain);
      assert.deepEqual(identity(ID)?.tags, { site: "north" });
      assert.deepEqual(identity(ID)?.desired, { interval: 5 });
      assert.equal(identity(ID)?.iotEdge, true);
      const etag = identity(ID)?.etag;
      await plane.provision(ID, chain);
      assert.equal(identity(ID)?.etag, etag, "an unchanged device is not written");
    });

    it("moves the device with its data when its hub may no longer be chosen", async () => {
      await plane.group("line-1", hierarchy.intermediate.certificate, { initialTwin: twin });
      await plane.provision(ID, chain);
      plane.directory.service = {
        ...plane.directory.service,
        linkedHubs: [link("hub-1", { applyAllocationPolicy: false }), link("hub-2")],
      };
      const moved = await plane.provision(ID, chain);
      assert.equal(moved.body.registrationState.assignedHub, "hub-2.azure-devices.net");
      assert.equal(moved.body.registrationState.substatus, "deviceDataMigrated");
      assert.equal(identity(ID), undefined);
      assert.deepEqual(identity(ID, "hub-key-hub-2")?.tags, { site: "north" });
      plane.directory.service = { ...plane.directory.service, linkedHubs: [link("hub-1")] };
      const back = await plane.provision(ID, chain);
      assert.equal(back.body.registrationState.substatus, "reprovisionedToInitialAssignment");
    });

    it("keeps the hub by policy, and creates a missing device", async () => {
      const reprovisionPolicy = { updateHubAssignment: false, migrateDeviceData: false };
      await plane.group("line-1", hierarchy.intermediate.certificate, { reprovisionPolicy });
      await plane.provision(ID, chain);
      plane.directory.service = {
        ...plane.directory.service,
        linkedHubs: [link("hub-1", { applyAllocationPolicy: false }), link("hub-2")],
      };
      plane.hubs.identities.remove("hub-key-hub-1", ID);
      const kept = await plane.provision(ID, chain);
      assert.equal(kept.body.registrationState.assignedHub, "hub-1.azure-devices.net");
      assert.equal(identity(ID)?.enabled, true);
    });

    it("resets the data by policy", async () => {
      const reprovisionPolicy = { updateHubAssignment: true, migrateDeviceData: false };
      await plane.group("line-1", hierarchy.intermediate.certificate, { initialTwin: twin, reprovisionPolicy });
      await plane.provision(ID, chain);
      plane.directory.service = { ...plane.directory.service, linkedHubs: [link("hub-2")] };
      const moved = await plane.provision(ID, chain);
      assert.equal(moved.body.registrationState.substatus, "deviceDataReset");
    });

    it("uses the enrollment's own hub, also one that allocation may not choose", async () => {
      plane.directory.service = {
        ...plane.directory.service,
        linkedHubs: [link("hub-1"), link("hub-2", { applyAllocationPolicy: false })],
      };
      await plane.group("line-1", hierarchy.intermediate.certificate, {
        allocationPolicy: "static",
        iotHubs: ["HUB-2.azure-devices.net"],
      });
      const done = await plane.provision(ID, chain);
      assert.equal(done.body.registrationState.assignedHub, "hub-2.azure-devices.net");
    });

    it("takes the one hub's older name, in any letter case", async () => {
      const linkedHubs = [link("hub-1"), link("hub-2")];
      plane.directory.service = { ...plane.directory.service, linkedHubs };
      for (const name of ["HUB-2", "hub-1"]) {
        const response = await plane.individual(ID, hierarchy.device.certificate, {
          iotHubHostName: `${name}.azure-devices.net`,
          allocationPolicy: "static",
        });
        assert.equal(response.status, 200, response.body.message);
        const { assignedHub } = (await plane.provision(ID, chain)).body.registrationState;
        assert.equal(assignedHub, `${name.toLowerCase()}.azure-devices.net`);
        await plane.ask("IndividualEnrollment_Delete", { params: { id: ID } });
      }
    });

    it("returns failed without a linked hub, or if a linked hub is deleted", async () => {
      await plane.group("line-1", hierarchy.intermediate.certificate);
      plane.directory.service = { ...plane.directory.service, linkedHubs: [] };
      const none = await plane.provision(ID, chain);
      assert.deepEqual([none.status, none.body.status], [200, "failed"]);
      assert.equal(none.body.registrationState.errorCode, 400004);
      plane.directory.service = { ...plane.directory.service, linkedHubs: [link("hub-9")] };
      const gone = await plane.provision(ID, chain);
      assert.equal(gone.body.registrationState.errorMessage, "IotHubUnauthorizedAccess");
      assert.equal(identity(ID), undefined);
    });
  });

  it("forgets old operations and keeps the registration", async () => {
    await plane.group("line-1", hierarchy.intermediate.certificate);
    for (let count = 0; count < 40; count += 1) await plane.register(ID, chain);
    plane.clock.advance(2 * 3600);
    for (let count = 0; count < 40; count += 1) await plane.register(ID, chain);
    const { n } = plane.database.get("SELECT count(*) AS n FROM dps_operation") ?? {};
    assert.ok(Number(n) <= 72, `${n} operations are kept`);
    assert.equal(plane.hubs.identities.count("hub-key-hub-1").total, 1);
  });

  it("loses everything of a service that ARM removes", async () => {
    await plane.group("line-1", hierarchy.intermediate.certificate);
    await plane.provision(ID, chain);
    plane.directory.remove("provisioningService", plane.directory.service.key);
    plane.directory.remove("hub", "hub-key-hub-1");
    assert.doesNotMatch(plane.contents(), /dps-key-1|hub-key-hub-1/);
  });

  it("starts at the time set by the tests", () => {
    assert.deepEqual(plane.clock.now(), NOW);
  });
});
