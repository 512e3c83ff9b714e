import { strict as assert } from "node:assert";
import type { Certificate } from "../../../../certs/certificate";
import { issueDevice, issueIntermediate } from "../../../../certs/issue";
import { type Hierarchy, newHierarchy, newSigner, stoppedClock } from "../../../cast/certs";
import { DataPlane, DPS_HOST, link, type TestResponse } from "../../../cast/dataPlane";

describe("DPS limits and throttles", () => {
  let plane: DataPlane;

  beforeEach(() => {
    plane = new DataPlane();
  });

  const group = (id: string, headers?: Readonly<Record<string, string>>) =>
    plane.ask("EnrollmentGroup_CreateOrUpdate", {
      params: { id },
      body: { enrollmentGroupId: id, attestation: { type: "symmetricKey" } },
      ...(headers ? { headers } : {}),
    });

  it("take 100 groups with keys and 100 with certificates, when they are on", async () => {
    plane.switches.throttling = true;
    for (let count = 0; count < 100; count += 1) assert.equal((await group(`keys-${count}`)).status, 200);
    const before = plane.contents();
    const response = await group("keys-100");
    assert.deepEqual([response.status, response.body.errorCode], [403, 403001]);
    assert.match(response.body.message, /at most 100 symmetric key enrollment groups/);
    assert.equal(plane.contents(), before, "nothing changed");
    const again = { authorization: plane.sas("dps-1.azure-devices-provisioning.net", "provisioningserviceowner") };
    assert.equal((await group("keys-5", { ...again, "if-match": "*" })).status, 200, "a group may be replaced");
    const { root, intermediate } = await newHierarchy();
    plane.directory.trust("root", root.certificate);
    assert.equal((await plane.group("line-1", intermediate.certificate)).status, 200);
    // Ninety-nine more, as if they had been made by certificates of their own.
    for (let count = 0; count < 99; count += 1) {
      plane.database.run(
        "INSERT INTO dps_enrollment SELECT service, kind, id_key || ?1, id || ?1, etag, created, updated, settings, attestation " +
          "FROM dps_enrollment WHERE id_key = 'line-1'",
        `-${count}`,
      );
    }
    const other = await newSigner();
    const certificate = await issueIntermediate({
      commonName: "Other",
      publicKey: other.publicKey,
      issuer: root,
      clock: stoppedClock(),
    });
    const full = await plane.group("line-2", certificate);
    assert.match(full.body.message, /at most 100 X\.509 enrollment groups/);
    plane.switches.throttling = false;
    assert.equal((await group("keys-100")).status, 200);
  });

  describe("small ones, counted", () => {
    let hierarchy: Hierarchy;
    let other: Certificate;

    before(async () => {
      hierarchy = await newHierarchy();
      const { publicKey } = await newSigner();
      other = await issueDevice({
        registrationId: "device-02",
        publicKey,
        issuer: hierarchy.intermediate,
        clock: stoppedClock(),
      });
    });

    const chainOf = (leaf = hierarchy.device.certificate) => [leaf, hierarchy.intermediate.certificate];
    const full = async (response: TestResponse, message: string) => {
      assert.deepEqual([response.status, response.body.errorCode, response.body.message], [403, 403001, message]);
    };

    it("apply to individual enrollments, single and in bulk; a deleted enrollment frees its place", async () => {
      plane = new DataPlane({ limits: { individualEnrollments: 2 } });
      const message = "A provisioning service holds at most 2 individual enrollments.";
      const attestation = { type: "symmetricKey" };
      const put = (id: string, headers?: Readonly<Record<string, string>>) =>
        plane.ask("IndividualEnrollment_CreateOrUpdate", {
          params: { id },
          body: { registrationId: id, attestation },
          ...(headers ? { headers } : {}),
        });
      plane.switches.throttling = true;
      assert.equal((await group("does-not-count")).status, 200);
      for (const id of ["a", "b"]) assert.equal((await put(id)).status, 200);
      const before = plane.contents();
      await full(await put("c"), message);
      const bulk = await plane.ask("IndividualEnrollment_RunBulkOperation", {
        body: { mode: "create", enrollments: [{ registrationId: "c", attestation }] },
      });
      assert.deepEqual(bulk.body.errors, [{ registrationId: "c", errorCode: 403001, errorStatus: message }]);
      assert.equal(plane.contents(), before, "nothing changed");
      const authorization = plane.sas(DPS_HOST, "provisioningserviceowner");
      assert.equal((await put("b", { authorization, "if-match": "*" })).status, 200, "one may be replaced");
      assert.equal((await plane.ask("IndividualEnrollment_Delete", { params: { id: "a" } })).status, 204);
      assert.equal((await put("c")).status, 200);
      plane.switches.throttling = false;
      assert.equal((await put("d")).status, 200);
    });

    it("end registrations, those of a deleted enrollment counted too", async () => {
      plane = new DataPlane({ limits: { registrations: 1 } });
      plane.directory.trust("root", hierarchy.root.certificate);
      plane.switches.throttling = true;
      await plane.group("line-1", hierarchy.intermediate.certificate);
      assert.equal((await plane.provision("device-01", chainOf())).body.status, "assigned");
      assert.equal((await plane.provision("device-01", chainOf())).body.status, "assigned", "again is not one more");
      const message = "A provisioning service holds at most 1 registrations.";
      const before = plane.contents();
      await full(await plane.register("device-02", chainOf(other)), message);
      assert.equal(plane.contents(), before, "nothing changed");
      await plane.ask("EnrollmentGroup_Delete", { params: { id: "line-1" } });
      await plane.group("line-2", hierarchy.intermediate.certificate);
      await full(await plane.register("device-02", chainOf(other)), message);
      await plane.ask("DeviceRegistrationState_Delete", { params: { id: "device-01" } });
      assert.equal((await plane.provision("device-02", chainOf(other))).body.status, "assigned");
      plane.switches.throttling = false;
      assert.equal((await plane.provision("device-01", chainOf())).body.status, "assigned");
    });

    it("end a device's message at 96 kB", async () => {
      plane.directory.trust("root", hierarchy.root.certificate);
      await plane.group("line-1", hierarchy.intermediate.certificate);
      const send = (bytes: number) =>
        plane.register("device-01", chainOf(), {
          body: { registrationId: "device-01", payload: "x" },
          raw: Buffer.alloc(bytes),
        });
      assert.equal((await send(98_305)).status, 202);
      plane.switches.throttling = true;
      assert.equal((await send(98_304)).status, 202);
      const response = await send(98_305);
      assert.deepEqual(
        [response.status, response.body.errorCode, response.body.message],
        [400, 400004, "the message has 98305 bytes, more than 98304"],
      );
    });
  });

  it("allow a thousand operations a minute, then return Retry-After", async () => {
    plane.switches.throttling = true;
    plane.clock.advance(20);
    const get = () => plane.ask("EnrollmentGroup_Get", { params: { id: "a" } });
    for (let count = 0; count < 1000; count += 1) assert.equal((await get()).status, 404);
    const response = await get();
    assert.deepEqual(
      [response.status, response.body.errorCode, response.body.message, response.headers["retry-after"]],
      [429, 429001, "Too many requests.", "40"],
    );
    plane.clock.advance(40);
    assert.equal((await get()).status, 404);
    const stranger = await plane.ask("EnrollmentGroup_Get", { params: { id: "a" }, headers: { authorization: "" } });
    assert.equal(stranger.status, 401);
  });

  it("let everything through when they are off", async () => {
    for (let count = 0; count < 1001; count += 1) {
      assert.equal((await plane.ask("EnrollmentGroup_Get", { params: { id: "a" } })).status, 404);
    }
  });
});

describe("linked hubs that change", () => {
  it("move devices at their next registration, and only then", async () => {
    const plane = new DataPlane();
    const { root, intermediate, device } = await newHierarchy();
    const chain = [device.certificate, intermediate.certificate];
    plane.directory.trust("root", root.certificate);
    await plane.group("line-1", intermediate.certificate);
    const links = (...linkedHubs: ReturnType<typeof link>[]) => {
      plane.directory.service = { ...plane.directory.service, linkedHubs };
    };
    const register = async () => (await plane.provision("device-01", chain)).body.registrationState;
    const assignedHub = async () =>
      (await plane.ask("DeviceRegistrationState_Get", { params: { id: "device-01" } })).body.assignedHub;
    assert.equal((await register()).assignedHub, "hub-1.azure-devices.net");
    links(link("hub-1", { applyAllocationPolicy: false }), link("hub-2"));
    assert.equal(await assignedHub(), "hub-1.azure-devices.net", "not before the device asks");
    assert.equal((await register()).assignedHub, "hub-2.azure-devices.net", "allocation may not choose hub-1");
    links(link("hub-1"));
    assert.equal((await register()).assignedHub, "hub-1.azure-devices.net", "hub-2 is unlinked");
    links(link("hub-1", { allocationWeight: 1 }), link("hub-2", { allocationWeight: 1000 }));
    assert.equal((await register()).assignedHub, "hub-2.azure-devices.net", "the weights say so");
    await plane.ask("EnrollmentGroup_CreateOrUpdate", {
      params: { id: "line-1" },
      headers: {
        authorization: plane.sas("dps-1.azure-devices-provisioning.net", "provisioningserviceowner"),
        "if-match": "*",
      },
      body: {
        enrollmentGroupId: "line-1",
        iotHubs: ["hub-2.azure-devices.net"],
        attestation: {
          type: "x509",
          x509: { signingCertificates: { primary: { certificate: intermediate.certificate.toPem() } } },
        },
      },
    });
    links(link("hub-1"));
    const failed = await register();
    assert.deepEqual([failed.status, failed.errorCode], ["failed", 400004], "the group's only hub is unlinked");
  });

  it("fail registrations when the linked key no longer opens the hub", async () => {
    const plane = new DataPlane();
    const { root, intermediate, device } = await newHierarchy();
    plane.directory.trust("root", root.certificate);
    await plane.group("line-1", intermediate.certificate);
    const open = (isOpen: boolean) => {
      plane.directory.service = { ...plane.directory.service, linkedHubs: [link("hub-1", { isOpen })] };
    };
    open(false);
    const register = () => plane.provision("device-01", [device.certificate, intermediate.certificate]);
    const { registrationState: state } = (await register()).body;
    assert.deepEqual(
      [state.status, state.errorCode, state.errorMessage],
      ["failed", 401002, "IotHubUnauthorizedAccess"],
    );
    assert.equal(plane.hubs.identities.count("hub-key-hub-1").total, 0);
    open(true);
    assert.equal((await register()).body.status, "assigned");
  });
});
