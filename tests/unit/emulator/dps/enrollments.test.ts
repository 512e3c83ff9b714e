import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { issueSelfSignedDevice } from "../../../../certs/issue";
import { daysFromNow, forge, type Hierarchy, newHierarchy, newSigner, stoppedClock } from "../../../cast/certs";
import { DataPlane, DPS_HOST, keyOf, link, type TestResponse } from "../../../cast/dataPlane";

describe("DPS service API: enrollments", () => {
  let hierarchy: Hierarchy;
  let plane: DataPlane;

  before(async () => {
    hierarchy = await newHierarchy();
  });

  beforeEach(() => {
    plane = new DataPlane();
    plane.directory.trust("root", hierarchy.root.certificate);
  });

  const groupBody = (more: object = {}, x509: object = signing()): Record<string, unknown> => ({
    enrollmentGroupId: "line-1",
    attestation: { type: "x509", x509 },
    ...more,
  });
  const signing = (): object => ({
    signingCertificates: { primary: { certificate: hierarchy.intermediate.certificate.toPem() } },
  });
  const put = (body: unknown, headers: Record<string, string> = {}, id = "line-1") =>
    plane.ask("EnrollmentGroup_CreateOrUpdate", {
      params: { id },
      body,
      headers: { authorization: plane.sas(DPS_HOST, "provisioningserviceowner"), ...headers },
    });
  const get = (id = "line-1") => plane.ask("EnrollmentGroup_Get", { params: { id } });

  async function refused(
    response: () => Promise<TestResponse>,
    code: number,
    message: string | RegExp,
    status = Math.floor(code / 1000),
  ) {
    const before = plane.contents();
    const result = await response();
    assert.deepEqual([result.status, result.body.errorCode], [status, code], result.body.message);
    if (typeof message === "string") assert.equal(result.body.message, message);
    else assert.match(result.body.message, message);
    assert.equal(plane.contents(), before, "nothing changed");
  }

  it("creates a group, and returns the same certificate details as node:crypto", async () => {
    const made = await put(groupBody());
    assert.equal(made.status, 200);
    const { etag, attestation, ...rest } = made.body;
    assert.match(Buffer.from(etag, "base64").toString(), /^"[0-9a-f]{8}-0000-0300-0000-[0-9a-f]{12}"$/);
    assert.equal(made.headers.etag, undefined);
    assert.deepEqual(rest, {
      enrollmentGroupId: "line-1",
      provisioningStatus: "enabled",
      createdDateTimeUtc: "2026-03-01T12:00:00.0000000Z",
      lastUpdatedDateTimeUtc: "2026-03-01T12:00:00.0000000Z",
    });
    const other = new X509Certificate(hierarchy.intermediate.certificate.raw);
    const { primary, ...more } = attestation.x509.signingCertificates;
    assert.deepEqual(more, { secondary: primary }, "a single certificate is both");
    assert.deepEqual(Object.keys(primary), ["info"], "the certificate itself is not given back");
    assert.deepEqual(primary.info, {
      subjectName: "CN=Test Intermediate",
      sha1Thumbprint: other.fingerprint.replace(/:/g, ""),
      sha256Thumbprint: other.fingerprint256.replace(/:/g, ""),
      issuerName: "CN=Test Root",
      notBeforeUtc: new Date(other.validFrom).toISOString().replace(".000", ""),
      notAfterUtc: new Date(other.validTo).toISOString().replace(".000", ""),
      serialNumber: other.serialNumber,
      version: 3,
    });
    assert.deepEqual((await get("LINE-1")).body, made.body);
  });

  it("takes PEM, base64 of PEM and base64 of DER alike", async () => {
    const { certificate } = hierarchy.intermediate;
    const texts = [
      certificate.toPem(),
      Buffer.from(certificate.toPem()).toString("base64"),
      certificate.raw.toString("base64"),
    ];
    for (const text of texts) {
      const x509 = { signingCertificates: { primary: { certificate: text } } };
      const result = await put(groupBody({}, x509), (await get()).status === 200 ? { "if-match": "*" } : {});
      assert.equal(
        result.body.attestation.x509.signingCertificates.primary.info.sha1Thumbprint,
        certificate.sha1Thumbprint,
      );
    }
  });

  it("keeps every setting", async () => {
    const settings = {
      capabilities: { iotEdge: true },
      initialTwin: { tags: { site: "north" }, properties: { desired: { interval: 5 } } },
      provisioningStatus: "disabled",
      reprovisionPolicy: { updateHubAssignment: false, migrateDeviceData: false },
      allocationPolicy: "static",
      iotHubs: ["hub-1.azure-devices.net"],
    };
    const { body } = await put(groupBody(settings));
    const kept = Object.fromEntries(Object.keys(settings).map((name) => [name, body[name]]));
    assert.deepEqual(kept, settings);
  });

  describe("ETags", () => {
    it("creates without If-Match, and refuses to do it twice", async () => {
      await put(groupBody());
      await refused(() => put(groupBody()), 409202, "EnrollmentGroup already exists.");
    });

    it("replaces with the tag or *, and gives a new tag", async () => {
      const first = await put(groupBody());
      plane.clock.advance(60);
      const second = await put(groupBody({ provisioningStatus: "disabled" }), { "if-match": first.body.etag });
      assert.equal(second.status, 200);
      assert.equal(second.body.provisioningStatus, "disabled");
      assert.notEqual(second.body.etag, first.body.etag);
      assert.equal(second.body.createdDateTimeUtc, first.body.createdDateTimeUtc);
      assert.equal(second.body.lastUpdatedDateTimeUtc, "2026-03-01T12:01:00.0000000Z");
      for (const ifMatch of ["*", '"*"']) {
        assert.equal((await put(groupBody(), { "if-match": ifMatch })).status, 200, ifMatch);
      }
      const bare = (await get()).body.etag.replace(/"/g, "");
      assert.equal((await put(groupBody(), { "if-match": bare })).status, 200, "without quotation marks");
    });

    it("refuses a stale tag, and any tag where there is nothing", async () => {
      const first = await put(groupBody());
      await put(groupBody(), { "if-match": "*" });
      const stale = { "if-match": first.body.etag };
      await refused(() => put(groupBody(), stale), 409203, "Precondition failed.", 412);
      const remove = () =>
        plane.ask("EnrollmentGroup_Delete", {
          params: { id: "line-1" },
          headers: { authorization: plane.sas(DPS_HOST, "provisioningserviceowner"), ...stale },
        });
      await refused(remove, 409203, "Precondition failed.", 412);
      await refused(
        () => put(groupBody({ enrollmentGroupId: "x" }), { "if-match": "*" }, "x"),
        404201,
        "Enrollment not found.",
      );
    });

    it("deletes without If-Match, once", async () => {
      await put(groupBody());
      const remove = () => plane.ask("EnrollmentGroup_Delete", { params: { id: "line-1" } });
      assert.deepEqual(await remove(), { status: 204, body: undefined, headers: {} });
      await refused(() => remove(), 404201, "Enrollment not found.");
      await refused(() => get(), 404201, "Enrollment not found.");
    });

    it("lets through its own tag and nothing like it", async () => {
      const { body } = await put(groupBody());
      await fc.assert(
        fc.asyncProperty(fc.stringMatching(/^"?[0-9a-f-]{1,36}"?$/), async (tag) => {
          fc.pre(tag.replace(/^"+|"+$/g, "") !== body.etag.replace(/"/g, ""));
          const result = await put(groupBody(), { "if-match": tag });
          assert.equal(result.status, 412);
        }),
        { numRuns: 50 },
      );
    });
  });

  describe("what a client was given comes back", () => {
    it("keeps the certificate of the info", async () => {
      const { body } = await put(groupBody());
      const again = await put(body, { "if-match": body.etag });
      assert.equal(again.status, 200);
      assert.deepEqual(again.body.attestation, body.attestation);
      const chain = [hierarchy.device.certificate, hierarchy.intermediate.certificate];
      assert.equal((await plane.provision("device-01", chain)).body.status, "assigned");
    });

    it("lets primary and secondary change places", async () => {
      const x509 = {
        signingCertificates: {
          primary: { certificate: hierarchy.intermediate.certificate.toPem() },
          secondary: { certificate: hierarchy.root.certificate.toPem() },
        },
      };
      const { body } = await put(groupBody({}, x509));
      const { primary, secondary } = body.attestation.x509.signingCertificates;
      const swapped = { signingCertificates: { primary: secondary, secondary: primary } };
      const result = await put(groupBody({}, swapped), { "if-match": "*" });
      assert.deepEqual(result.body.attestation.x509, swapped);
    });

    it("shows a primary certificate alone as the secondary, too, and a secondary alone as itself", async () => {
      const certificate = hierarchy.intermediate.certificate.toPem();
      const shown = async (given: object) => {
        const { body } = await put(groupBody({}, { signingCertificates: given }), { "if-match": "*" });
        const { primary, secondary } = body.attestation.x509.signingCertificates;
        return [primary !== undefined, secondary !== undefined];
      };
      await put(groupBody());
      assert.deepEqual(await shown({ primary: { certificate } }), [true, true]);
      assert.deepEqual(await shown({ secondary: { certificate } }), [false, true]);
    });

    it("refuses info of a certificate that is not there", async () => {
      await put(groupBody());
      for (const info of [{ sha256Thumbprint: "A".repeat(64) }, { sha256Thumbprint: 5 }, { sha1Thumbprint: 5 }, {}]) {
        const body = groupBody({}, { signingCertificates: { primary: { info } } });
        const result = () => put(body, { "if-match": "*" });
        await refused(result, 400004, /no certificate of that thumbprint is stored|Thumbprint must be a string/);
      }
    });
  });

  describe("rules", () => {
    it("names all that is wrong in one error: first all types, then errors of values", async () => {
      const body = {
        enrollmentGroupId: "another",
        attestation: { type: "x509", x509: { signingCertificates: { primary: { certificate: "no certificate" } } } },
        allocationPolicy: "static",
        iotHubs: ["hub-9.azure-devices.net", "hub-1.azure-devices.net"],
      };
      const wrongTypes = {
        provisioningStatus: "on",
        reprovisionPolicy: { updateHubAssignment: "yes" },
        capabilities: { iotEdge: 1 },
        initialTwin: { tags: [] },
      };
      for (const [given, parts] of [
        [
          { ...body, ...wrongTypes },
          [
            /"line 1" is not a valid enrollment group ID/,
            /provisioningStatus must be one of enabled, disabled, not "on"/,
            /reprovisionPolicy.updateHubAssignment must be true or false, not "yes"/,
            /capabilities.iotEdge must be true or false, not 1/,
            /initialTwin.tags must be an object/,
          ],
        ],
        [
          body,
          [
            /"line 1" is not a valid enrollment group ID/,
            /enrollmentGroupId "another" in the body/,
            /signingCertificates.primary cannot be read/,
            /static has at most one hub; here are 2/,
            /hub "hub-9.azure-devices.net" is not linked/,
          ],
        ],
      ] as const) {
        const result = await put(given, {}, "line 1");
        assert.equal(result.body.errorCode, 400004);
        for (const part of parts) assert.match(result.body.message, part);
      }
    });

    const groups: readonly (readonly [string, object, RegExp])[] = [
      ["no attestation", { attestation: null }, /attestation is required/],
      [
        "an unknown type",
        { attestation: { type: "magic" } },
        /attestation.type must be one of x509, symmetricKey, tpm, not "magic"/,
      ],
      [
        "tpm in a group",
        { attestation: { type: "tpm", tpm: { endorsementKey: "" } } },
        /a group cannot be attested by tpm/,
      ],
      ["x509 without members", { attestation: { type: "x509", x509: {} } }, /exactly one of.*none of them/],
      [
        "clientCertificates in a group",
        { attestation: { type: "x509", x509: { clientCertificates: { primary: {} } } } },
        /exactly one of signingCertificates and caReferences; here is clientCertificates/,
      ],
      [
        "neither primary nor secondary",
        { attestation: { type: "x509", x509: { signingCertificates: {} } } },
        /neither primary nor secondary/,
      ],
      [
        "a CA reference that is not there",
        { attestation: { type: "x509", x509: { caReferences: { primary: "gone" } } } },
        /has no certificate "gone"/,
      ],
      ["an ID that is missing", { enrollmentGroupId: undefined }, /enrollmentGroupId is required/],
      ["an ID that is no text", { enrollmentGroupId: 5 }, /enrollmentGroupId must be a string, not 5/],
      ...[5, ""].map(
        (primary) =>
          [
            `${JSON.stringify(primary)} for a CA reference`,
            { attestation: { type: "x509", x509: { caReferences: { primary } } } },
            /attestation\.x509\.caReferences\.primary must (be a string, not 5|not be empty)/,
          ] as const,
      ),
      ["x509 that is no object", { attestation: { type: "x509", x509: "x" } }, /attestation.x509 must be an object$/],
      [
        "a key that is no text",
        { attestation: { type: "symmetricKey", symmetricKey: { primaryKey: 5 } } },
        /attestation\.symmetricKey\.primaryKey must be a string$/,
      ],
      [
        "hubs of which one is no text",
        { iotHubs: ["hub-1.azure-devices.net", 5] },
        /iotHubs\[1\] must be a string, not 5$/,
      ],
      [
        "properties of a twin that are no object",
        { initialTwin: { properties: 5 } },
        /initialTwin.properties must be an object$/,
      ],
      [
        "desired properties that are a list",
        { initialTwin: { properties: { desired: [] } } },
        /initialTwin.properties.desired must be an object$/,
      ],
      ["an unknown policy", { allocationPolicy: "random" }, /allocationPolicy must be one of hashed, .*, not "random"/],
      ["hubs that are no list", { iotHubs: "hub-1" }, /iotHubs must be a list$/],
      ["a hub that is no text", { iotHubHostName: 5 }, /iotHubHostName must be a string, not 5$/],
      ["capabilities that are no object", { capabilities: true }, /capabilities must be an object$/],
      ["a policy that is no object", { reprovisionPolicy: true }, /: reprovisionPolicy must be an object$/],
    ];
    for (const [what, more, message] of groups) {
      it(`refuses ${what}`, () => refused(() => put(groupBody(more)), 400004, message));
    }

    it("reads null as absent and enums in any letter case, and generates empty keys", async () => {
      const result = await put(
        groupBody({
          reprovisionPolicy: { updateHubAssignment: null },
          ...{ iotHubHostName: null, initialTwin: { tags: null, properties: null }, allocationPolicy: "GEOLATENCY" },
          attestation: { type: "symmetricKey", symmetricKey: { primaryKey: "", secondaryKey: null } },
        }),
      );
      assert.deepEqual(
        [result.status, result.body.allocationPolicy, result.body.reprovisionPolicy.updateHubAssignment],
        [200, "geoLatency", true],
      );
      const mechanism = await plane.ask("EnrollmentGroup_GetAttestationMechanism", { params: { id: "line-1" } });
      for (const key of [mechanism.body.symmetricKey.primaryKey, mechanism.body.symmetricKey.secondaryKey])
        assert.equal(Buffer.from(key, "base64").length, 64);
    });

    it("takes a CA reference that is not verified yet, and one to nothing not", async () => {
      plane.directory.trust("waiting", hierarchy.intermediate.certificate, false);
      assert.equal((await put(groupBody({}, { caReferences: { primary: "waiting" } }))).status, 200);
      const body = groupBody({}, { caReferences: { primary: "gone" } });
      await refused(() => put(body, {}, "line-2"), 400004, /has no certificate "gone"/);
    });

    it("refuses signing certificates and CA references at once", async () => {
      const body = groupBody({}, { ...signing(), caReferences: { primary: "root" } });
      await refused(() => put(body), 400004, /here is signingCertificates and caReferences/);
    });

    it("refuses a certificate that expired", async () => {
      const certificate = await forge({
        issuer: hierarchy.root,
        publicKey: (await newSigner()).publicKey,
        from: daysFromNow(-20),
        to: daysFromNow(-10),
      });
      const body = groupBody({}, { signingCertificates: { primary: { certificate: certificate.toPem() } } });
      await refused(() => put(body), 400004, /primary expired at 2026-02-19/);
    });

    it("refuses a signing certificate that another group has", async () => {
      await put(groupBody());
      const body = groupBody({ enrollmentGroupId: "line-2" });
      await refused(() => put(body, {}, "line-2"), 409201, /belongs to the enrollment group line-1/);
      await plane.ask("EnrollmentGroup_Delete", { params: { id: "line-1" } });
      assert.equal((await put(body, {}, "line-2")).status, 200);
    });

    it("refuses a body that is not a JSON object", () =>
      refused(() => put("text"), 400004, "Invalid enrollment: the body must be an object"));

    const unemulated: readonly (readonly [string, object, RegExp])[] = [
      ["credential policies", { credentialPolicyName: "p" }, /credentialPolicyName is not emulated/],
    ];
    for (const [what, more, message] of unemulated) {
      it(`says loudly that ${what} are not emulated`, () => refused(() => put(groupBody(more)), 501000, message));
    }

    it("takes names by Azure's rule and no others", async () => {
      const bodies = groupBody();
      await fc.assert(
        fc.asyncProperty(fc.string({ minLength: 1, maxLength: 140 }), async (id) => {
          const result = await put({ ...bodies, enrollmentGroupId: id }, {}, id);
          const right = id.length <= 128 && /^[a-z0-9._:-]*[a-z0-9-]$/i.test(id);
          assert.equal(result.status, right ? 200 : 400, id);
          if (right) await plane.ask("EnrollmentGroup_Delete", { params: { id } });
        }),
        { numRuns: 100, examples: [["a."], ["a-"], ["A:b_c.d"], ["a".repeat(129)], ["a".repeat(128)], ["å"]] },
      );
    });
  });

  describe("individual enrollments", () => {
    const make = async (registrationId: string) =>
      issueSelfSignedDevice({ registrationId, signer: await newSigner(), clock: stoppedClock() });

    it("keep the device ID and return the registration", async () => {
      const leaf = await make("Pump-7");
      const made = await plane.individual("pump-7", leaf, {
        deviceId: "Pump#7",
        optionalDeviceInformation: { colour: "red" },
      });
      assert.equal(made.status, 200, made.body.message);
      assert.equal(made.body.deviceId, "Pump#7");
      assert.deepEqual(made.body.optionalDeviceInformation, { colour: "red" });
      assert.equal(made.body.registrationState, undefined);
      await plane.provision("pump-7", [leaf]);
      const { body } = await plane.ask("IndividualEnrollment_Get", { params: { id: "PUMP-7" } });
      assert.equal(body.registrationState.status, "assigned");
      assert.equal(body.registrationState.deviceId, "Pump#7");
      const headers = { authorization: plane.sas(DPS_HOST, "provisioningserviceowner"), "if-match": body.etag };
      const again = { params: { id: "pump-7" }, body, headers };
      assert.equal((await plane.ask("IndividualEnrollment_CreateOrUpdate", again)).status, 200, "round trip");
    });

    it("take a certificate of another common name, and refuse signing certificates and bad device IDs", async () => {
      const leaf = await make("pump-8");
      assert.equal((await plane.individual("pump-7", leaf)).status, 200);
      assert.equal((await plane.register("pump-7", [leaf])).body.errorCode, 401002);
      await refused(
        () => plane.individual("pump-8", leaf, { deviceId: "a b" }),
        400004,
        /"a b" is not a valid device ID/,
      );
      const attestation = { type: "x509", x509: signing() };
      const body = { registrationId: "pump-9", attestation };
      const response = () => plane.ask("IndividualEnrollment_CreateOrUpdate", { params: { id: "pump-9" }, body });
      await refused(response, 400004, /exactly one of clientCertificates and caReferences/);
    });
  });

  describe("queries", () => {
    const query = (name: string, body: unknown, headers: Record<string, string> = {}, id = "line-1") =>
      plane.ask(name, {
        params: { id },
        body,
        headers: { authorization: plane.sas(DPS_HOST, "reader"), ...headers },
      });

    it("give pages, and a continuation only when there are more", async () => {
      const body = { query: "SELECT * FROM enrollments" };
      for (const id of ["c", "a", "B"]) {
        const leaf = await issueSelfSignedDevice({
          registrationId: id,
          signer: await newSigner(),
          clock: stoppedClock(),
        });
        await plane.individual(id, leaf);
      }
      const size = { "x-ms-max-item-count": "2" };
      const first = await query("IndividualEnrollment_Query", body, size);
      assert.deepEqual(
        first.body.map((each: { registrationId: string }) => each.registrationId),
        ["a", "B"],
      );
      const token = first.headers["x-ms-continuation"] ?? "";
      const second = await query("IndividualEnrollment_Query", body, { ...size, "x-ms-continuation": token });
      assert.deepEqual(
        second.body.map((each: { registrationId: string }) => each.registrationId),
        ["c"],
      );
      assert.equal(second.headers["x-ms-continuation"], undefined);
      assert.equal((await query("IndividualEnrollment_Query", body)).body.length, 3);
    });

    it("name the type of their items", async () => {
      await put(groupBody());
      for (const [name, type] of [
        ["IndividualEnrollment_Query", "Enrollment"],
        ["EnrollmentGroup_Query", "EnrollmentGroup"],
        ["DeviceRegistrationState_Query", "DeviceRegistration"],
      ] as const) {
        const { status, headers } = await query(name, { query: "SELECT *" });
        assert.deepEqual([status, headers["x-ms-item-type"]], [200, type]);
      }
    });

    it("accept the query of the az extension, and only SELECT * with conditions", async () => {
      await put(groupBody());
      const az = { query: "{'additional_properties': {}, 'query': 'SELECT *'}" };
      assert.equal((await query("EnrollmentGroup_Query", az)).body.length, 1);
      for (const text of [
        "SELECT a",
        "SELECT * FROM devices",
        "SELECT * WHERE x LIKE 1",
        "SELECT * FROM enrollmentGroups WHERE",
      ]) {
        await refused(() => query("EnrollmentGroup_Query", { query: text }), 501000, /supports only SELECT \*/);
      }
      await refused(
        () => query("EnrollmentGroup_Query", { query: 5 }),
        400004,
        "Invalid request: query must be a string, not 5",
      );
      const long = { query: `SELECT * WHERE a = '${"x".repeat(4096)}'` };
      await refused(
        () => query("EnrollmentGroup_Query", long),
        400004,
        "Invalid request: query must have at most 4096 characters",
      );
      for (const count of ["x", "1x", "x1", "1.5"])
        await refused(
          () => query("EnrollmentGroup_Query", az, { "x-ms-max-item-count": count }),
          400004,
          /is no number/,
        );
    });

    it("give the registrations of a group, and of no other", async () => {
      await put(groupBody());
      await plane.provision("device-01", [hierarchy.device.certificate, hierarchy.intermediate.certificate]);
      const found = await query("DeviceRegistrationState_Query", {});
      assert.deepEqual(
        found.body.map((each: { registrationId: string }) => each.registrationId),
        ["device-01"],
      );
      await refused(() => query("DeviceRegistrationState_Query", {}, {}, "line-2"), 404201, "Enrollment not found.");
    });
  });

  describe("registrations", () => {
    const remove = (headers: Record<string, string> = {}) =>
      plane.ask("DeviceRegistrationState_Delete", {
        params: { id: "device-01" },
        headers: { authorization: plane.sas(DPS_HOST, "provisioningserviceowner"), ...headers },
      });

    it("can be read and deleted, with the tag as it was sent or decoded", async () => {
      await put(groupBody());
      const chain = [hierarchy.device.certificate, hierarchy.intermediate.certificate];
      for (const decode of [false, true]) {
        await plane.provision("device-01", chain);
        const { body } = await plane.ask("DeviceRegistrationState_Get", { params: { id: "DEVICE-01" } });
        assert.equal(body.status, "assigned");
        const tag = decode ? Buffer.from(body.etag, "base64").toString() : body.etag;
        await refused(() => remove({ "if-match": '"stale"' }), 409203, "Precondition failed.", 412);
        assert.equal((await remove({ "if-match": tag })).status, 204);
      }
      await refused(() => remove(), 404202, "Registration not found.");
      assert.equal(plane.hubs.identities.count("hub-key-hub-1").total, 1, "the hub's device stays");
    });
  });

  describe("authorization", () => {
    const ask = (headers: Record<string, string>, name = "EnrollmentGroup_Get") =>
      plane.ask(name, { params: { id: "line-1" }, headers, ...(name.endsWith("Update") ? { body: groupBody() } : {}) });

    it("takes either key of a policy, and Entra's token for the audience", async () => {
      await put(groupBody());
      const secondary = plane.sas(DPS_HOST, "reader", { key: keyOf("reader-secondary") });
      assert.equal((await ask({ authorization: plane.sas(DPS_HOST, "reader") })).status, 200);
      assert.equal((await ask({ authorization: secondary })).status, 200);
      assert.equal((await ask({ authorization: plane.sas(DPS_HOST.toUpperCase(), "reader") })).status, 200);
      assert.equal((await ask({ authorization: "Bearer good@https://azure-devices-provisioning.net" })).status, 200);
    });

    const wrong: readonly (readonly [string, (plane: DataPlane) => string])[] = [
      ["no header", () => ""],
      ["an unknown scheme", () => "Basic abc"],
      ["a wrong key", (plane) => plane.sas(DPS_HOST, "reader", { key: keyOf("wrong") })],
      ["an expired signature", (plane) => plane.sas(DPS_HOST, "reader", { seconds: 0 })],
      ["another host's signature", (plane) => plane.sas("dps-2.azure-devices-provisioning.net", "reader")],
      ["an unknown policy", (plane) => plane.sas(DPS_HOST, "nobody")],
      ["a policy without the right", (plane) => plane.sas(DPS_HOST, "config")],
      ["a forged token", () => "Bearer forged@https://azure-devices-provisioning.net"],
      ["an expired token", () => "Bearer expired@https://azure-devices-provisioning.net"],
      ["a token for another audience", () => "Bearer good@https://iothubs.azure.net"],
    ];
    for (const [what, header] of wrong) {
      it(`refuses ${what}`, async () => {
        await put(groupBody());
        await refused(() => ask({ authorization: header(plane) }), 401002, "Unauthorized");
      });
    }

    it("lets a reader write nothing", async () => {
      const authorization = plane.sas(DPS_HOST, "reader");
      for (const name of [
        "EnrollmentGroup_CreateOrUpdate",
        "EnrollmentGroup_Delete",
        "DeviceRegistrationState_Delete",
      ]) {
        await refused(() => ask({ authorization }, name), 401002, "Unauthorized");
      }
    });

    it("lets the owner's policy see and delete registrations, which its listed rights leave out", async () => {
      const params = { id: "device-1" };
      for (const policy of ["provisioningserviceowner", "writer"]) {
        const headers = { authorization: plane.sas(DPS_HOST, policy) };
        const responses = await Promise.all(
          ["DeviceRegistrationState_Get", "DeviceRegistrationState_Delete"].map((name) =>
            plane.ask(name, { params, headers }),
          ),
        );
        // There is none, or one may not ask.
        const code = policy === "writer" ? 401002 : 404202;
        assert.deepEqual(
          responses.map(({ body }) => body.errorCode),
          [code, code],
          policy,
        );
      }
    });

    it("knows no service at another host name", async () => {
      const host = "dps-2.azure-devices-provisioning.net";
      const headers = { authorization: plane.sas(host, "reader") };
      await refused(
        () => plane.ask("EnrollmentGroup_Get", { params: { id: "a" }, host, headers }),
        401002,
        "Unauthorized",
      );
    });
  });

  it("accepts the hubs that are linked in ARM", async () => {
    plane.directory.service = { ...plane.directory.service, linkedHubs: [link("hub-2")] };
    await refused(() => put(groupBody({ iotHubs: ["hub-1.azure-devices.net"] })), 400004, /is not linked/);
  });
});
