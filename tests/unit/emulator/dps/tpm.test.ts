import { strict as assert } from "node:assert";
import { createSas } from "../../../../azure/sas";
import { type Hierarchy, newHierarchy } from "../../../cast/certs";
import { DataPlane, DPS_HOST, HUB_HOST, type TestRequest, type TestResponse } from "../../../cast/dataPlane";
import { PretendTpm } from "../../../cast/pretendTpm";

const ID = "tpm-device";
const SCOPE = "0ne00000001";

describe("DPS: TPM attestation", () => {
  let tpm: PretendTpm;
  let other: PretendTpm;
  let hierarchy: Hierarchy;
  let plane: DataPlane;

  before(async function () {
    this.timeout(120_000);
    [tpm, other] = [new PretendTpm(), new PretendTpm()];
    hierarchy = await newHierarchy();
  });

  beforeEach(() => {
    plane = new DataPlane();
  });

  const enroll = (tpmKeys: object, more: object = {}, headers?: TestRequest["headers"]): Promise<TestResponse> =>
    plane.ask("IndividualEnrollment_CreateOrUpdate", {
      params: { id: ID },
      body: { registrationId: ID, attestation: { type: "tpm", tpm: tpmKeys }, ...more },
      ...(headers ? { headers } : {}),
    });
  const enrolled = async (more: object = {}) => {
    const result = await enroll({ endorsementKey: tpm.endorsementKey }, more);
    assert.equal(result.status, 200, result.body.message);
  };
  const bodyOf = ({ endorsementKey, storageRootKey }: PretendTpm) => ({
    registrationId: ID,
    tpm: { endorsementKey, storageRootKey },
  });
  const register = (from: PretendTpm, more: TestRequest = {}) =>
    plane.register(ID, [], { body: bodyOf(from), ...more });
  const inAnHour = () => Math.floor(plane.clock.now().getTime() / 1000) + 3600;
  const token = (key = tpm.identityKey, expiry = inAnHour(), id = ID) =>
    createSas(`${SCOPE}/registrations/${id}`, key, expiry, "registration");
  const poll = (operationId: string, authorization: string) =>
    plane.ask("RuntimeRegistration_OperationStatusLookup", {
      params: { id: ID, operationId },
      headers: { authorization },
      chain: [],
      body: {},
    });

  /** Both calls and the poll, as Azure's clients make them; the TPM holds its hub's key afterwards. */
  async function provision(from = tpm): Promise<TestResponse> {
    const challenge = await register(from);
    assert.equal(challenge.status, 401, JSON.stringify(challenge.body));
    from.activate(challenge.body.authenticationKey);
    const authorization = token(from.identityKey);
    const begun = await register(from, { headers: { authorization } });
    if (begun.status !== 202) return begun;
    const done = await poll(begun.body.operationId, authorization);
    const { registrationState: state } = done.body;
    if (state.tpm?.authenticationKey) from.activate(state.tpm.authenticationKey);
    return done;
  }

  const refused = (result: TestResponse, code: number, message: string | RegExp): string => {
    assert.deepEqual(
      [result.status, result.body.errorCode],
      [Math.floor(code / 1000), code],
      JSON.stringify(result.body),
    );
    if (typeof message === "string") assert.equal(result.body.message, message);
    else assert.match(result.body.message, message);
    assert.equal(result.body.authenticationKey, undefined);
    return result.headers["x-local-azure-reason"] ?? "";
  };

  describe("enrollments", () => {
    it("store the keys, and return them by GET, query and attestationmechanism", async () => {
      const { endorsementKey, storageRootKey } = tpm;
      const attestation = { type: "tpm", tpm: { endorsementKey, storageRootKey } };
      const made = await enroll({ endorsementKey, storageRootKey });
      assert.deepEqual([made.status, made.body.attestation], [200, attestation]);
      const read = await plane.ask("IndividualEnrollment_Get", { params: { id: ID } });
      assert.deepEqual(read.body.attestation, attestation);
      const query = { query: "SELECT * FROM enrollments WHERE attestation.type = 'tpm'" };
      const { body } = await plane.ask("IndividualEnrollment_Query", { body: query });
      assert.deepEqual(
        body.map((each: { attestation: unknown }) => each.attestation),
        [attestation],
      );
      const result = await plane.ask("IndividualEnrollment_GetAttestationMechanism", { params: { id: ID } });
      assert.deepEqual(result.body, attestation);
    });

    it("need no storage root key, and go back and forth as clients send them", async () => {
      await enrolled();
      const { body } = await plane.ask("IndividualEnrollment_Get", { params: { id: ID } });
      assert.deepEqual(body.attestation, { type: "tpm", tpm: { endorsementKey: tpm.endorsementKey } });
      const authorization = plane.sas(DPS_HOST, "provisioningserviceowner");
      const headers = { authorization, "if-match": body.etag };
      const again = await enroll({ ...body.attestation.tpm, storageRootKey: null }, {}, headers);
      assert.deepEqual([again.status, again.body.attestation], [200, body.attestation]);
    });

    for (const [what, keys, message] of [
      ["no endorsement key", {}, /attestation.tpm.endorsementKey is required/],
      ["no base64", { endorsementKey: "#" }, /it is not base64/],
      ["another structure", { endorsementKey: "AAAA" }, /expected \d+ bytes|follow/],
      ["half a key", { endorsementKey: "half" }, /expected \d+ bytes/],
    ] as const) {
      it(`are refused with ${what}`, async () => {
        const given = keys as { endorsementKey?: string };
        const half = Buffer.from(tpm.endorsementKey, "base64").subarray(0, 99).toString("base64");
        refused(await enroll(given.endorsementKey === "half" ? { endorsementKey: half } : keys), 400_004, message);
      });
    }

    it("are refused with a wrong storage root key, for groups, and with another attestation besides", async () => {
      const { endorsementKey } = tpm;
      refused(await enroll({ endorsementKey, storageRootKey: "AAAA" }), 400_004, /tpm\.storageRootKey is no TPM2B/);
      const attestation = { type: "tpm", tpm: { endorsementKey } };
      const group = { params: { id: "g" }, body: { enrollmentGroupId: "g", attestation } };
      refused(await plane.ask("EnrollmentGroup_CreateOrUpdate", group), 400_004, /a group cannot be attested by tpm/);
      const more = { attestation: { ...attestation, symmetricKey: {} } };
      refused(await enroll({}, more), 400_004, /of type "tpm" has symmetricKey besides/);
    });
  });

  describe("registration", () => {
    it("challenges the TPM with a key, takes its signature, and gives it another key for the hub", async () => {
      await enrolled({ deviceId: "Pump-7" });
      const challenge = await register(tpm);
      const { authenticationKey, ...error } = challenge.body;
      assert.deepEqual(
        [challenge.status, error.errorCode, error.message, error.keyName],
        [401, 401_002, "Unauthorized", "registration"],
      );
      const uri = tpm.activate(authenticationKey);
      assert.equal(uri, `https://global.azure-devices-provisioning.net/${SCOPE}/registrations/${ID}`);
      const sessionKey = tpm.identityKey;
      const authorization = token();
      const begun = await register(tpm, { headers: { authorization } });
      assert.deepEqual([begun.status, begun.body.status], [202, "assigning"]);
      const { status, body } = await poll(begun.body.operationId, authorization);
      const { registrationState: state } = body;
      assert.deepEqual(
        [status, state.status, state.assignedHub, state.deviceId],
        [200, "assigned", HUB_HOST, "Pump-7"],
      );
      assert.deepEqual(Object.keys(state.tpm), ["authenticationKey"]);
      tpm.activate(state.tpm.authenticationKey);
      assert.notEqual(tpm.identityKey, sessionKey);
      const identity = plane.hubs.identities.find("hub-key-hub-1", "Pump-7");
      assert.equal(identity?.authentication.type, "sas");
      assert.equal(identity?.authentication.symmetricKey?.primaryKey, tpm.identityKey);
    });

    it("lets the device into its hub with the TPM's key", async () => {
      await enrolled();
      await provision();
      const resource = `${HUB_HOST}/devices/${ID}`;
      const send = (key: string) =>
        plane.ask("Device_SendDeviceEvent", {
          params: { deviceId: ID },
          host: HUB_HOST,
          headers: { authorization: createSas(resource, key, inAnHour()) },
          raw: Buffer.from("{}"),
          chain: [],
        });
      assert.equal((await send(tpm.identityKey)).status, 204);
      assert.equal((await send(other.storageRootKey.slice(0, 44))).status, 401);
    });

    it("shows the key to the device by the status look-up, and not to the service", async () => {
      await enrolled();
      await provision();
      const seen = await plane.ask("DeviceRegistrationState_Get", { params: { id: ID } });
      assert.deepEqual([seen.body.status, seen.body.tpm], ["assigned", undefined]);
      const read = await plane.ask("IndividualEnrollment_Get", { params: { id: ID } });
      assert.equal(read.body.registrationState.tpm, undefined);
      const { identityKey } = tpm;
      tpm.activate((await register(tpm)).body.authenticationKey);
      const looked = await plane.ask("RuntimeRegistration_DeviceRegistrationStatusLookup", {
        params: { id: ID },
        body: bodyOf(tpm),
        headers: { authorization: token() },
        chain: [],
      });
      assert.equal(looked.status, 200);
      tpm.activate(looked.body.tpm.authenticationKey);
      assert.equal(tpm.identityKey, identityKey, "the hub's key as it was");
    });

    it("rolls the hub's key with each registration", async () => {
      await enrolled();
      await provision();
      const first = tpm.identityKey;
      await provision();
      assert.notEqual(tpm.identityKey, first);
      const identity = plane.hubs.identities.find("hub-key-hub-1", ID);
      assert.equal(identity?.authentication.symmetricKey?.primaryKey, tpm.identityKey);
    });

    it("challenges no TPM but the enrollment's, and leaves nothing behind", async () => {
      await enroll({ endorsementKey: tpm.endorsementKey, storageRootKey: tpm.storageRootKey });
      const before = plane.contents();
      assert.match(refused(await register(other), 401_002, "Unauthorized"), /endorsement key is not the enrollment's/);
      const { endorsementKey } = tpm;
      const mixed = { registrationId: ID, tpm: { endorsementKey, storageRootKey: other.storageRootKey } };
      const result = await plane.register(ID, [], { body: mixed });
      assert.match(refused(result, 401_002, "Unauthorized"), /storage root key is not the enrollment's/);
      const without = { registrationId: ID, tpm: { endorsementKey } };
      refused(await plane.register(ID, [], { body: without }), 400_004, /^tpm\.storageRootKey: /);
      refused(
        await plane.register(ID, [], { body: { ...bodyOf(tpm), registrationId: "b" } }),
        400_004,
        /not that of the/,
      );
      refused(await plane.register("b", [], { body: { tpm: bodyOf(tpm).tpm } }), 404_201, "Enrollment not found.");
      const scope = { params: { idScope: "0ne0000000F" } };
      refused(await register(tpm, scope), 404_201, "Enrollment not found.");
      assert.equal(plane.contents(), before, "nothing changed");
    });

    it("takes no other signature than by the last key that was sent, for an hour", async () => {
      await enrolled();
      const guess = token(Buffer.alloc(32).toString("base64"));
      const response = (authorization: string) => register(tpm, { headers: { authorization } });
      assert.match(refused(await response(guess), 401_002, "Unauthorized"), /was sent no key/);
      tpm.activate((await register(tpm)).body.authenticationKey);
      const first = tpm.identityKey;
      assert.match(refused(await response(guess), 401_002, "Unauthorized"), /signed with another key/);
      const past = Math.floor(plane.clock.now().getTime() / 1000) - 1;
      assert.match(refused(await response(token(first, past)), 401_002, "Unauthorized"), /expired/);
      assert.match(refused(await response(token(first, inAnHour(), "b")), 401_002, "Unauthorized"), /is for/);
      tpm.activate((await register(tpm)).body.authenticationKey);
      assert.match(refused(await response(token(first)), 401_002, "Unauthorized"), /signed with another key/);
      plane.clock.advance(3601);
      assert.match(refused(await response(token()), 401_002, "Unauthorized"), /more than an hour ago/);
      assert.equal(plane.hubs.identities.count("hub-key-hub-1").total, 0);
    });

    it("forgets a challenge when the enrollment gets another TPM", async () => {
      await enrolled();
      tpm.activate((await register(tpm)).body.authenticationKey);
      const authorization = plane.sas(DPS_HOST, "provisioningserviceowner");
      await enroll({ endorsementKey: other.endorsementKey }, {}, { authorization, "if-match": "*" });
      refused(await register(tpm, { headers: { authorization: token() } }), 401_002, "Unauthorized");
      assert.equal((await provision(other)).body.status, "assigned");
    });

    it("assigns nothing when the enrollment is disabled", async () => {
      await enrolled({ provisioningStatus: "disabled" });
      assert.deepEqual(
        [(await provision()).body.status, plane.hubs.identities.count("hub-key-hub-1").total],
        ["disabled", 0],
      );
    });

    it("refuses a certificate and keys where a TPM is enrolled, and a TPM where something else is", async () => {
      await enrolled();
      const chain = [hierarchy.device.certificate, hierarchy.intermediate.certificate];
      plane.directory.trust("root", hierarchy.root.certificate);
      await plane.ask("IndividualEnrollment_CreateOrUpdate", {
        params: { id: "device-01" },
        body: {
          registrationId: "device-01",
          attestation: { type: "tpm", tpm: { endorsementKey: tpm.endorsementKey } },
        },
      });
      const byChain = await plane.register("device-01", chain);
      assert.match(refused(byChain, 401_002, "Unauthorized"), /attested by a TPM, not by a certificate/);
      await plane.ask("IndividualEnrollment_Delete", { params: { id: ID } });
      const symmetricKey = { registrationId: ID, attestation: { type: "symmetricKey" } };
      await plane.ask("IndividualEnrollment_CreateOrUpdate", { params: { id: ID }, body: symmetricKey });
      assert.match(refused(await register(tpm), 401_002, "Unauthorized"), /is not attested by a TPM/);
    });

    it("is not offered over MQTT", async () => {
      await enrolled();
      tpm.activate((await register(tpm)).body.authenticationKey);
      const overMqtt = { overMqtt: true } as const;
      refused(
        await register(tpm, overMqtt),
        400_004,
        "TPM attestation is available over HTTPS and AMQP, not over MQTT",
      );
      const signed = { ...overMqtt, headers: { authorization: token() }, body: { registrationId: ID } };
      assert.match(refused(await register(tpm, signed), 401_002, "Unauthorized"), /not over MQTT/);
    });

    it("sends the TPM to a custom allocation webhook", async () => {
      const sent: unknown[] = [];
      plane = new DataPlane({
        postJson: async (_url, body) => {
          sent.push(JSON.parse(JSON.stringify(body)));
          return { status: 200, text: JSON.stringify({ iotHubHostName: HUB_HOST }) };
        },
      });
      const customAllocationDefinition = { webhookUrl: "https://f.example/api", apiVersion: "2019-03-31" };
      await enrolled({ allocationPolicy: "custom", customAllocationDefinition });
      tpm.activate((await register(tpm)).body.authenticationKey);
      const authorization = token();
      const { operationId } = (await register(tpm, { headers: { authorization } })).body;
      let done = await poll(operationId, authorization);
      while (done.status === 202) {
        await new Promise((next) => setImmediate(next));
        done = await poll(operationId, authorization);
      }
      const [request] = sent as { deviceRuntimeContext: object }[];
      const { endorsementKey } = tpm;
      assert.deepEqual(request?.deviceRuntimeContext, { registrationId: ID, tpm: { endorsementKey } });
      tpm.activate(done.body.registrationState.tpm.authenticationKey);
      const identity = plane.hubs.identities.find("hub-key-hub-1", ID);
      assert.equal(identity?.authentication.symmetricKey?.primaryKey, tpm.identityKey);
    });

    it("loses the challenges of a service that ARM removes", async () => {
      await enrolled();
      await register(tpm);
      plane.directory.remove("provisioningService", "dps-key-1");
      assert.equal(plane.database.get("SELECT count(*) AS n FROM dps_tpm_challenge")?.n, 0);
    });
  });
});
