import { strict as assert } from "node:assert";
import fc from "fast-check";
import { createSas } from "../../../../azure/sas";
import type { Certificate } from "../../../../certs/certificate";
import { issueSelfSignedDevice } from "../../../../certs/issue";
import { partitionOf } from "../../../../emulator/hub/events/eventPartition";
import { newSigner, stoppedClock } from "../../../cast/certs";
import { DataPlane, HUB_HOST, keyOf, type TestRequest, type TestResponse } from "../../../cast/dataPlane";

const ID = "Pump-7";
const HUB = "hub-key-hub-1";

describe("IoT Hub device API: telemetry", () => {
  let leaf: Certificate;
  let stranger: Certificate;
  let plane: DataPlane;

  before(async () => {
    const make = async () =>
      issueSelfSignedDevice({ registrationId: ID, signer: await newSigner(), clock: stoppedClock() });
    [leaf, stranger] = [await make(), await make()];
  });

  beforeEach(() => {
    plane = new DataPlane();
    register(leaf.sha256Thumbprint);
  });

  function register(primaryThumbprint: string, enabled = true): void {
    plane.hubs.identities.save(HUB, {
      deviceId: ID,
      enabled,
      authentication: { type: "selfSigned", x509Thumbprint: { primaryThumbprint, secondaryThumbprint: null } },
      iotEdge: false,
    });
  }

  const send = (given: TestRequest = {}): Promise<TestResponse> =>
    plane.ask("Device_SendDeviceEvent", {
      chain: [leaf],
      raw: Buffer.from('{"temperature": 30}'),
      ...given,
      params: { deviceId: ID, ...given.params },
      headers: { "content-type": "application/json", ...given.headers },
    });
  const events = () => plane.hubs.events.read("hub-1") ?? [];

  async function refused(given: TestRequest, status: number, name: string, reason: RegExp): Promise<void> {
    const before = plane.contents();
    const response = await send(given);
    assert.deepEqual([response.status, response.headers["iothub-errorcode"]], [status, name], response.body?.Message);
    assert.match(`${response.body.Message} ${response.headers["x-local-azure-reason"] ?? ""}`, reason);
    assert.equal(plane.contents(), before, "nothing changed");
  }

  it("returns 204 and stores the event", async () => {
    const response = await send({
      headers: {
        "content-encoding": "utf-8",
        "iothub-app-Site": "north",
        "IoTHub-MessageId": "m-1",
        "iothub-correlationid": "c-1",
      },
    });
    assert.deepEqual([response.status, response.body, response.headers["content-length"]], [204, undefined, "0"]);
    const [event, ...more] = events();
    assert.deepEqual(more, []);
    assert.ok(event);
    const { "iothub-connection-auth-generation-id": generation, ...system } = event.systemProperties;
    assert.match(generation ?? "", /^\d{18}$/);
    assert.deepEqual(
      { ...event, systemProperties: system },
      {
        sequenceNumber: 1,
        deviceId: ID,
        enqueuedTimeUtc: "2026-03-01T12:00:00.000Z",
        partitionId: String(partitionOf(ID, 4)),
        systemProperties: {
          "content-type": "application/json",
          "content-encoding": "utf-8",
          "message-id": "m-1",
          "correlation-id": "c-1",
          "iothub-connection-device-id": ID,
          "iothub-connection-auth-method":
            '{"scope":"device","type":"x509Certificate","issuer":"external","acceptingIpFilterRule":null}',
          "iothub-message-source": "Telemetry",
          "iothub-enqueuedtime": "2026-03-01T12:00:00.000Z",
        },
        properties: { Site: "north" },
        body: { temperature: 30 },
      },
    );
    assert.equal(plane.hubs.identities.find(HUB, ID)?.lastActivity, "2026-03-01T12:00:00.000Z");
  });

  it("accepts any bytes, and shows JSON, text or base64", async () => {
    await send({ raw: Buffer.from("{broken") });
    await send({ raw: Buffer.from([0xff, 0x00]), headers: { "content-type": "application/byte-stream" } });
    await send({ raw: Buffer.from("plain"), headers: { "content-type": "text/plain" } });
    assert.deepEqual(
      events().map(({ body }) => body),
      ["{broken", { base64: "/wA=" }, "plain"],
    );
    await send({ raw: Buffer.from("5"), headers: { "content-type": "text/plain" } });
    await send({ raw: Buffer.from("5"), headers: { "content-type": "APPLICATION/JSON" } });
    assert.deepEqual(
      events()
        .slice(3)
        .map(({ body }) => body),
      ["5", 5],
    );
  });

  it("takes a batch", async () => {
    const batch = [
      { body: Buffer.from("one").toString("base64"), properties: { "iothub-app-n": "1", "iothub-messageid": "m" } },
      { body: "two", base64Encoded: false, properties: { "iothub-contentencoding": "utf-8" } },
    ];
    const headers = { "content-type": "Application/Vnd.Microsoft.IotHub.Json; charset=utf-8" };
    assert.equal((await send({ raw: Buffer.from(JSON.stringify(batch)), headers })).status, 204);
    assert.deepEqual(
      events().map(({ body, properties }) => [body, properties]),
      [
        ["one", { n: "1" }],
        ["two", {}],
      ],
    );
    assert.equal(events()[1]?.systemProperties["content-encoding"], "utf-8");
    for (const raw of [
      "{",
      "{}",
      "[]",
      "[1]",
      '[{"body":1}]',
      '[{"body":"","properties":1}]',
      '[{"body":"","properties":null}]',
      '[{"body":"","properties":[]}]',
      // An object that cannot become text.
      '[{"body":"","properties":{"iothub-app-a":{"toString":1}}}]',
    ]) {
      await refused({ raw: Buffer.from(raw), headers }, 400, "IotHubFormatError", /the batch is malformed/);
    }
  });

  it("takes properties for properties, whatever their names are", async () => {
    const headers = { constructor: "x", "iothub-app-constructor": "1", "iothub-app-toString": "2" };
    assert.equal((await send({ headers })).status, 204);
    const [event] = events();
    assert.deepEqual(event?.properties, { constructor: "1", toString: "2" });
    assert.ok(!JSON.stringify(event?.systemProperties).includes("native code"));
  });

  it("takes 256 KB, properties counted, and not a byte more", async () => {
    const properties = "x".repeat(100);
    const counted = "content-type".length + "text/plain".length + "p".length + properties.length;
    const headers = { "content-type": "text/plain", "iothub-app-p": properties };
    const room = 256 * 1024 - counted;
    assert.equal((await send({ raw: Buffer.alloc(room), headers })).status, 204);
    await refused({ raw: Buffer.alloc(room + 1), headers }, 413, "MessageTooLarge", /262144 bytes/);
  });

  describe("by certificate", () => {
    it("takes SHA-1 thumbprints too, in any letter case", async () => {
      register(leaf.sha1Thumbprint.toLowerCase());
      assert.equal((await send()).status, 204);
    });

    it("refuses another certificate of the same name", () =>
      refused({ chain: [stranger] }, 401, "IotHubUnauthorizedAccess", /is not the one the hub knows/));

    it("refuses none at all", () =>
      refused({ chain: [] }, 401, "IotHubUnauthorizedAccess", /neither a client certificate/));

    it("refuses one that expired", async () => {
      plane.clock.advance(4000 * 86_400);
      await refused({}, 401, "IotHubUnauthorizedAccess", /expired/);
    });

    it("refuses a disabled device", async () => {
      register(leaf.sha256Thumbprint, false);
      await refused({}, 401, "IotHubUnauthorizedAccess", /disabled/);
    });

    it("refuses an unknown device, and the device under other letter case", async () => {
      await refused({ params: { deviceId: "other" } }, 404, "DeviceNotFound", /other/);
      await refused({ params: { deviceId: "pump-7" } }, 404, "DeviceNotFound", /pump-7/);
    });

    it("refuses a device that authenticates by key", async () => {
      plane.hubs.identities.save(HUB, { deviceId: ID, enabled: true, authentication: { type: "sas" }, iotEdge: false });
      await refused({}, 401, "IotHubUnauthorizedAccess", /by sas, not by a certificate/);
    });
  });

  describe("by shared access signature", () => {
    const key = keyOf("device-primary");
    const soon = (seconds = 3600) => Math.floor(plane.clock.now().getTime() / 1000) + seconds;
    const signed = (authorization: string): TestRequest => ({ chain: [], headers: { authorization } });
    const resource = `${HUB_HOST}/devices/${ID}`;

    beforeEach(() => {
      const symmetricKey = { primaryKey: key, secondaryKey: keyOf("device-secondary") };
      const authentication = { type: "sas", symmetricKey } as const;
      plane.hubs.identities.save(HUB, { deviceId: ID, enabled: true, authentication, iotEdge: false });
    });

    it("takes the device's own keys", async () => {
      assert.equal((await send(signed(createSas(resource, key, soon())))).status, 204);
      assert.equal((await send(signed(createSas(resource, keyOf("device-secondary"), soon())))).status, 204);
      const method = events()[0]?.systemProperties["iothub-connection-auth-method"];
      assert.equal(method, '{"scope":"device","type":"sas","issuer":"iothub","acceptingIpFilterRule":null}');
    });

    it("takes a policy with DeviceConnect, for the hub or the device", async () => {
      for (const name of ["device", "iothubowner"]) {
        assert.equal((await send(signed(plane.sas(HUB_HOST, name)))).status, 204);
        assert.equal((await send(signed(plane.sas(resource, name)))).status, 204);
      }
    });

    it("refuses everything else", async () => {
      const wrong: readonly (readonly [string, RegExp])[] = [
        [createSas(resource, keyOf("wrong"), soon()), /signature: signature/],
        [createSas(resource, key, soon(0)), /signature: expired/],
        [createSas(`${HUB_HOST}/devices/other`, key, soon()), /signature: resource/],
        [createSas(`${HUB_HOST}/devices/pump-7`, key, soon()), /signature: resource/],
        [plane.sas(HUB_HOST, "registryRead"), /signature: rights/],
        ["Bearer good@https://iothubs.azure.net", /no shared access signature/],
      ];
      for (const [header, reason] of wrong) {
        await refused(signed(header), 401, "IotHubUnauthorizedAccess", reason);
      }
    });

    it("refuses a device's own key where the hub takes none, but not a policy's", async () => {
      plane.directory.hubs = plane.directory.hubs.map((hub) => ({ ...hub, refusesDeviceSas: true }));
      const own = signed(createSas(resource, key, soon()));
      await refused(own, 401, "IotHubUnauthorizedAccess", /\(disableDeviceSAS\)/);
      assert.equal((await send(signed(plane.sas(HUB_HOST, "device")))).status, 204);
    });

    it("refuses a device's key where the device authenticates by certificate", async () => {
      register(leaf.sha256Thumbprint);
      await refused(signed(createSas(resource, key, soon())), 401, "IotHubUnauthorizedAccess", /by selfSigned/);
    });
  });

  describe("events", () => {
    it("are read by device, after a sequence number, so many at most", async () => {
      for (let count = 0; count < 5; count += 1) await send();
      const read = (query: object) =>
        plane.hubs.events.read(HUB_HOST, query)?.map(({ sequenceNumber }) => sequenceNumber);
      assert.deepEqual(read({}), [1, 2, 3, 4, 5]);
      assert.deepEqual(read({ afterSequence: 2, top: 2 }), [3, 4]);
      assert.deepEqual(read({ deviceId: ID, afterSequence: 4 }), [5]);
      assert.deepEqual(read({ deviceId: "other" }), []);
      assert.equal(plane.hubs.events.read("hub-9"), undefined);
    });

    it("are kept for a day", async () => {
      await send();
      plane.clock.advance(86_401);
      for (let count = 0; count < 64; count += 1) {
        plane.hubs.identities.heard(HUB, ID);
        await send();
      }
      assert.equal(plane.hubs.events.read("hub-1", { top: 1 })?.[0]?.sequenceNumber, 2);
    });

    it("of a device are always in one partition, and spread over all", () => {
      fc.assert(
        fc.property(fc.string(), fc.integer({ min: 1, max: 32 }), (id, count) => {
          const partition = partitionOf(id, count);
          assert.equal(partition, partitionOf(id, count));
          assert.ok(Number.isInteger(partition) && partition >= 0 && partition < count);
        }),
      );
      const used = new Set(Array.from({ length: 100 }, (_, index) => partitionOf(`device-${index}`, 4)));
      assert.equal(used.size, 4);
    });

    // Printed by the function of Microsoft's C SDK (azure-iot-sdk-c, testtools/iothub_test, ResolvePartitionIndex).
    const PARTITIONS = {
      a: [0, 0, 1, 2, 9, 37],
      abc: [0, 0, 0, 0, 4, 17],
      "dev-1": [0, 1, 1, 2, 12, 49],
      "Dev-1": [0, 1, 1, 2, 12, 49],
      "device-0001": [1, 2, 3, 6, 31, 125],
      "twelve-chars": [0, 1, 1, 3, 15, 62],
      thirteenchars: [0, 1, 1, 2, 10, 43],
      "device-twenty-four-chars": [0, 0, 0, 0, 1, 6],
      "device-twenty-five-chars-x": [0, 0, 1, 1, 8, 35],
    };
    for (const [id, partitions] of Object.entries(PARTITIONS)) {
      it(`of ${id} are in the partition that Azure chooses`, () => {
        assert.deepEqual(
          [2, 3, 4, 7, 32, 128].map((count) => partitionOf(id, count)),
          partitions,
        );
      });
    }
  });

  it("loses everything of a hub that ARM removes", async () => {
    await send();
    plane.directory.remove("hub", HUB);
    assert.doesNotMatch(plane.contents(), new RegExp(HUB));
  });
});
