import { strict as assert } from "node:assert";
import { createSas } from "../../../../azure/sas";
import type { DeviceBoundDraft } from "../../../../emulator/hub/messages/cloudToDeviceQueue";
import { DataPlane, HUB_HOST, keyOf, type TestRequest } from "../../../cast/dataPlane";

const ID = "pump";
const CLIENT = { hub: "hub-key-hub-1", deviceId: ID };

describe("cloud-to-device messages over HTTPS", () => {
  let plane: DataPlane;
  beforeEach(async () => {
    plane = new DataPlane();
    const authentication = { type: "sas", symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("other") } };
    await plane.ask("Devices_CreateOrUpdateIdentity", {
      params: { deviceId: ID },
      body: { deviceId: ID, authentication },
    });
  });

  const ask = (verb: string, more: TestRequest = {}, key = "device") => {
    const expiry = Math.floor(plane.clock.now().getTime() / 1000) + 60;
    const authorization = createSas(`${HUB_HOST}/devices/${ID}`, keyOf(key), expiry);
    return plane.ask(`Device_${verb}DeviceBoundNotification`, {
      ...more,
      params: { deviceId: ID, ...more.params },
      headers: { authorization, ...more.headers },
    });
  };
  const hub = () => plane.directory.hub(HUB_HOST) ?? assert.fail();
  const send = (text: string, more: Partial<DeviceBoundDraft> = {}) =>
    plane.hubs.devices.messages.send(
      hub(),
      { ...CLIENT, generationId: "7" },
      { body: Buffer.from(text), properties: {}, ...more },
    );
  const lock = async (): Promise<string> => {
    const { status, headers } = await ask("Receive");
    assert.equal(status, 200);
    return /^"(.+)"$/.exec(headers.etag ?? "")?.[1] ?? assert.fail(headers.etag);
  };
  const feedback = async () => {
    const { body } = await plane.ask("CloudToDeviceMessages_ReceiveFeedbackNotification");
    return ((body ?? []) as { statusCode: string }[]).map(({ statusCode }) => statusCode);
  };

  it("are received one by one, with all properties in headers", async () => {
    assert.equal((await ask("Receive")).status, 204);
    send("first", {
      messageId: "m",
      correlationId: "c",
      userId: "u",
      contentType: "text/plain",
      contentEncoding: "utf-8",
      ack: "full",
      properties: { room: "7", "a b": "ü", long: "x\r\ny" },
    });
    const { status, headers, body } = await ask("Receive");
    const { etag, ...others } = headers;
    assert.equal(status, 200);
    assert.match(etag ?? "", /^"[\w-]+"$/);
    assert.deepEqual(others, {
      "iothub-messageid": "m",
      "iothub-correlationid": "c",
      "iothub-sequencenumber": "1",
      "iothub-to": "/devices/pump/messages/devicebound",
      "iothub-userid": "u",
      "iothub-ack": "full",
      "iothub-expiry": "3/1/2026 1:00:00 PM",
      "iothub-deliverycount": "0",
      "iothub-enqueuedtime": "3/1/2026 12:00:00 PM",
      ContentType: "text/plain",
      ContentEncoding: "utf-8",
      "iothub-app-room": "7",
      "iothub-app-a%20b": "%C3%BC",
      "iothub-app-long": "x%0D%0Ay",
    });
    assert.equal(String(Buffer.from(body)), "first");
    assert.equal((await ask("Receive")).status, 204);
  });

  it("are completed, rejected and abandoned by their lock", async () => {
    for (const text of ["one", "two", "three"]) send(text, { ack: "full" });
    assert.equal((await ask("Complete", { params: { lockToken: await lock() } })).status, 204);
    assert.equal((await ask("Complete", { params: { lockToken: await lock() }, query: { reject: "" } })).status, 204);
    const lockToken = await lock();
    assert.equal((await ask("Abandon", { params: { lockToken } })).status, 204);
    assert.deepEqual(await feedback(), ["Success", "Rejected"]);
    for (const verb of ["Complete", "Abandon"]) {
      const lost = await ask(verb, { params: { lockToken } });
      assert.deepEqual([lost.status, lost.headers["iothub-errorcode"]], [412, "DeviceMessageLockLost"]);
    }
    const again = await ask("Receive");
    assert.deepEqual([again.headers["iothub-deliverycount"], again.headers["iothub-sequencenumber"]], ["1", "3"]);
  });

  it("stay locked as long as the device asks", async () => {
    send("short");
    assert.equal((await ask("Receive", { query: { messagelocktimeout: "5" } })).status, 200);
    plane.clock.advance(5);
    assert.equal((await ask("Receive")).status, 200);
    for (const messagelocktimeout of ["0", "301", "x", "-1", "1e2"]) {
      const { status, headers } = await ask("Receive", { query: { messagelocktimeout } });
      assert.deepEqual([status, headers["iothub-errorcode"]], [400, "ArgumentInvalid"]);
    }
  });

  it("are for their device only", async () => {
    send("private");
    for (const verb of ["Receive", "Complete", "Abandon"]) {
      const refused = await ask(verb, { params: { lockToken: "x" } }, "stranger");
      assert.deepEqual([refused.status, refused.headers["iothub-errorcode"]], [401, "IotHubUnauthorizedAccess"]);
    }
    await plane.ask("Modules_CreateOrUpdateIdentity", {
      params: { deviceId: ID, moduleId: "m" },
      body: { deviceId: ID, moduleId: "m" },
    });
    const empty = await plane.ask("Device_ReceiveModuleBoundNotification", { params: { deviceId: ID, moduleId: "m" } });
    assert.equal(empty.status, 204);
  });

  describe("for the service", () => {
    it("have feedback in batches, under a lock", async () => {
      send("one", { ack: "full", messageId: "m" });
      plane.hubs.devices.messages.complete(CLIENT, plane.hubs.devices.messages.receive(CLIENT)?.lockToken ?? "");
      const { status, headers, body } = await plane.ask("CloudToDeviceMessages_ReceiveFeedbackNotification");
      assert.deepEqual(
        [status, headers["content-type"], headers["iothub-userid"], body[0].originalMessageId, body[0].statusCode],
        [200, "application/vnd.microsoft.iothub.feedback.json", "hub-1", "m", "Success"],
      );
      const end = async (verb: string, lockToken = headers.etag?.replace(/"/g, "") ?? "") =>
        (await plane.ask(`CloudToDeviceMessages_${verb}FeedbackNotification`, { params: { lockToken } })).status;
      assert.equal(await end("Abandon"), 204);
      assert.equal(await end("Complete"), 412);
      const again = await plane.ask("CloudToDeviceMessages_ReceiveFeedbackNotification");
      assert.equal(await end("Complete", again.headers.etag?.replace(/"/g, "")), 204);
      assert.equal((await plane.ask("CloudToDeviceMessages_ReceiveFeedbackNotification")).status, 204);
    });

    it("are purged", async () => {
      send("one");
      send("two");
      const purge = (deviceId: string, headers = {}) =>
        plane.ask("CloudToDeviceMessages_PurgeCloudToDeviceMessageQueue", { params: { deviceId }, headers });
      assert.deepEqual((await purge(ID)).body, { deviceId: ID, totalMessagesPurged: 2 });
      assert.equal((await purge("unknown")).headers["iothub-errorcode"], "DeviceNotFound");
      const reader = { authorization: plane.sas(HUB_HOST, "registryRead") };
      assert.equal((await purge(ID, reader)).status, 401);
      const { status } = await plane.ask("CloudToDeviceMessages_ReceiveFeedbackNotification", { headers: reader });
      assert.equal(status, 401);
    });
  });
});
