import { strict as assert } from "node:assert";
import { createSas } from "../../../../azure/sas";
import { deriveDeviceKey } from "../../../../emulator/dps/attestation/attestByKey";
import { type Hierarchy, newHierarchy } from "../../../cast/certs";
import { DataPlane, HUB_HOST, keyOf, type TestResponse } from "../../../cast/dataPlane";

const SCOPE = "0ne00000001";
const ZERO_KEY = Buffer.alloc(32).toString("base64");

describe("DPS device API: symmetric keys", () => {
  let hierarchy: Hierarchy;
  let plane: DataPlane;

  before(async () => {
    hierarchy = await newHierarchy();
  });

  beforeEach(() => {
    plane = new DataPlane();
  });

  const group = (id = "keys", more: object = {}, primaryKey = keyOf(`${id}-1`)) =>
    plane.ask("EnrollmentGroup_CreateOrUpdate", {
      params: { id },
      body: {
        enrollmentGroupId: id,
        attestation: { type: "symmetricKey", symmetricKey: { primaryKey, secondaryKey: keyOf(`${id}-2`) } },
        ...more,
      },
    });
  const individual = (id: string, more: object = {}) =>
    plane.ask("IndividualEnrollment_CreateOrUpdate", {
      params: { id },
      body: {
        registrationId: id,
        attestation: {
          type: "symmetricKey",
          symmetricKey: { primaryKey: keyOf("own-1"), secondaryKey: keyOf("own-2") },
        },
        ...more,
      },
    });
  const inAnHour = () => Math.floor(plane.clock.now().getTime() / 1000) + 3600;
  const token = (id: string, key: string, expiry = inAnHour()) =>
    createSas(`${SCOPE}/registrations/${id}`, key, expiry, "registration");

  async function provision(id: string, authorization: string): Promise<TestResponse> {
    const begun = await plane.register(id, [], { headers: { authorization } });
    if (begun.status !== 202) return begun;
    return poll(id, begun.body.operationId, authorization);
  }
  const poll = (id: string, operationId: string, authorization: string) =>
    plane.ask("RuntimeRegistration_OperationStatusLookup", {
      params: { id, operationId },
      headers: { authorization },
      chain: [],
    });

  async function refused(id: string, authorization: string, code: number, message: string): Promise<string> {
    const before = plane.contents();
    const response = await plane.register(id, [], { headers: { authorization } });
    assert.deepEqual(
      [response.status, response.body.errorCode, response.body.message],
      [Math.floor(code / 1000), code, message],
      response.headers["x-local-azure-reason"],
    );
    assert.equal(plane.contents(), before, "nothing changed");
    return response.headers["x-local-azure-reason"] ?? "";
  }

  it("derives the device's key as the documents do", () => {
    assert.equal(deriveDeviceKey(ZERO_KEY, "dev-1"), "zFT8S9NntxLYTJYMEIRQwn3jbJjLnpoINbUnP39ec1w=");
  });

  it("takes the token of the documents' form, signed with a derived key", async () => {
    await group("keys", {}, ZERO_KEY);
    const sent =
      "SharedAccessSignature sr=0ne00000001%2Fregistrations%2Fdev-1&sig=OTfY%2BQ3XfxBKIEy%2BMckkjfAKfeW6nqQuNGiO01a6Cmc%3D" +
      "&se=1800000000&skn=registration";
    const done = await provision("dev-1", sent);
    assert.deepEqual([done.status, done.body.status], [200, "assigned"]);
    const { etag: _, ...state } = done.body.registrationState;
    assert.deepEqual(state, {
      symmetricKey: { enrollmentGroupId: "keys" },
      registrationId: "dev-1",
      createdDateTimeUtc: "2026-03-01T12:00:00.0000000Z",
      assignedHub: HUB_HOST,
      deviceId: "dev-1",
      status: "assigned",
      substatus: "initialAssignment",
      lastUpdatedDateTimeUtc: "2026-03-01T12:00:00.0000000Z",
    });
  });

  it("gives the hub the device's own keys, so that telemetry is taken with either", async () => {
    await group();
    const keys = [keyOf("keys-1"), keyOf("keys-2")].map((key) => deriveDeviceKey(key, "dev-1"));
    await provision("dev-1", token("dev-1", keys[0] ?? ""));
    assert.deepEqual(plane.hubs.identities.find("hub-key-hub-1", "dev-1")?.authentication, {
      type: "sas",
      symmetricKey: { primaryKey: keys[0], secondaryKey: keys[1] },
    });
    const send = (key: string) =>
      plane.ask("Device_SendDeviceEvent", {
        params: { deviceId: "dev-1" },
        headers: { authorization: createSas(`${HUB_HOST}/devices/dev-1`, key, inAnHour()) },
        chain: [],
        raw: Buffer.from("21 degrees"),
      });
    for (const key of keys) assert.equal((await send(key)).status, 204);
    const wrong = await send(keyOf("keys-1"));
    assert.deepEqual([wrong.status, wrong.headers["iothub-errorcode"]], [401, "IotHubUnauthorizedAccess"]);
    assert.equal(plane.hubs.events.read("hub-1")?.length, 2);
  });

  it("takes the secondary key too", async () => {
    await group();
    const key = deriveDeviceKey(keyOf("keys-2"), "dev-1");
    assert.equal((await provision("dev-1", token("dev-1", key))).body.status, "assigned");
  });

  it("takes an individual enrollment's key as it is, under its own device ID", async () => {
    await individual("pump-7", { deviceId: "Pump-7" });
    const done = await provision("pump-7", token("pump-7", keyOf("own-2")));
    assert.deepEqual(done.body.registrationState.symmetricKey, {});
    assert.equal(done.body.registrationState.deviceId, "Pump-7");
    const keys = { primaryKey: keyOf("own-1"), secondaryKey: keyOf("own-2") };
    assert.deepEqual(plane.hubs.identities.find("hub-key-hub-1", "Pump-7")?.authentication.symmetricKey, keys);
  });

  it("finds the group among several by whose key signed", async () => {
    for (const id of ["a", "b", "c"]) await group(id);
    const done = await provision("dev-1", token("dev-1", deriveDeviceKey(keyOf("b-1"), "dev-1")));
    assert.deepEqual(done.body.registrationState.symmetricKey, { enrollmentGroupId: "b" });
    await plane.ask("EnrollmentGroup_Delete", { params: { id: "b" } });
    const reason = await refused(
      "dev-1",
      token("dev-1", deriveDeviceKey(keyOf("b-1"), "dev-1")),
      401002,
      "Unauthorized",
    );
    assert.match(reason, /no enrollment's symmetric key signed/);
  });

  it("puts the individual enrollment before the group", async () => {
    await group();
    await individual("dev-1");
    await refused("dev-1", token("dev-1", deriveDeviceKey(keyOf("keys-1"), "dev-1")), 401002, "Unauthorized");
    assert.equal((await provision("dev-1", token("dev-1", keyOf("own-1")))).body.status, "assigned");
  });

  it("assigns nothing when the enrollment is disabled", async () => {
    await group("keys", { provisioningStatus: "disabled" });
    const response = await provision("dev-1", token("dev-1", deriveDeviceKey(keyOf("keys-1"), "dev-1")));
    assert.deepEqual([response.status, response.body.status], [200, "disabled"]);
    assert.equal(plane.hubs.identities.find("hub-key-hub-1", "dev-1"), undefined);
  });

  it("takes a token without skn", async () => {
    await group();
    const authorization = createSas(
      `${SCOPE}/registrations/dev-1`,
      deriveDeviceKey(keyOf("keys-1"), "dev-1"),
      inAnHour(),
    );
    assert.equal((await plane.register("dev-1", [], { headers: { authorization } })).status, 202);
  });

  it("refuses tokens that are expired, for something else, or of another form", async () => {
    await group();
    const key = deriveDeviceKey(keyOf("keys-1"), "dev-1");
    const resource = `${SCOPE}/registrations/dev-1`;
    const wrong: readonly (readonly [string, RegExp])[] = [
      [token("dev-1", key, inAnHour() - 3600), /expired/],
      [token("dev-2", key), /is for 0ne00000001\/registrations\/dev-2/],
      [createSas(resource, key, inAnHour(), "other"), /has skn=other/],
      [token("dev-1", keyOf("keys-1")), /no enrollment's symmetric key signed/],
      ["Bearer good@https://azure-devices-provisioning.net", /no shared access signature/],
    ];
    for (const [authorization, reason] of wrong) {
      assert.match(await refused("dev-1", authorization, 401002, "Unauthorized"), reason);
    }
  });

  it("finds no enrollment where there is none", async () => {
    await refused("dev-1", token("dev-1", ZERO_KEY), 404201, "Enrollment not found.");
  });

  it("refuses a certificate where a key is enrolled, and a key where a certificate is", async () => {
    plane.directory.trust("root", hierarchy.root.certificate);
    const chain = [hierarchy.device.certificate, hierarchy.intermediate.certificate];
    await individual("device-01");
    const response = await plane.register("device-01", chain);
    assert.deepEqual([response.status, response.body.errorCode], [401, 401002]);
    assert.match(response.headers["x-local-azure-reason"] ?? "", /attested by symmetric keys/);
    await plane.ask("IndividualEnrollment_Delete", { params: { id: "device-01" } });
    await plane.individual("device-01", hierarchy.device.certificate);
    await refused("device-01", token("device-01", keyOf("own-1")), 401002, "Unauthorized");
  });

  it("returns the outcome only to the owner of the key", async () => {
    await group();
    const mine = token("dev-1", deriveDeviceKey(keyOf("keys-1"), "dev-1"));
    const { body } = await plane.register("dev-1", [], { headers: { authorization: mine } });
    const other = await poll("dev-1", body.operationId, token("dev-1", ZERO_KEY));
    assert.deepEqual([other.status, other.body.errorCode], [401, 401002]);
    assert.equal((await poll("dev-1", body.operationId, mine)).body.status, "assigned");
    const looked = await plane.ask("RuntimeRegistration_DeviceRegistrationStatusLookup", {
      params: { id: "dev-1" },
      body: { registrationId: "dev-1" },
      headers: { authorization: mine },
      chain: [],
    });
    assert.deepEqual(looked.body.symmetricKey, { enrollmentGroupId: "keys" });
  });

  it("looks the groups up by an index", async () => {
    await group();
    const plan = plane.database.all(
      "EXPLAIN QUERY PLAN SELECT s.group_key FROM dps_group_signer s WHERE s.service = 'x' AND s.signer > 'key:' AND s.signer < 'key;'",
    );
    assert.match(plan.map(({ detail }) => String(detail)).join(), /SEARCH s USING .*INDEX/);
  });
});
