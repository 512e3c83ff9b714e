import { strict as assert } from "node:assert";
import { createSas } from "../../../../azure/sas";
import type { BlobRequest, BlobResponse } from "../../../../emulator/kernel/blobRequests";
import { BlobsUnavailable } from "../../../../emulator/kernel/blobRequests";
import type { FileUploadSettings } from "../../../../emulator/kernel/directory";
import { DataPlane, HUB_HOST, keyOf, type TestRequest } from "../../../cast/dataPlane";

const ID = "pump#1";
const ACCOUNT_KEY = Buffer.alloc(64, 9).toString("base64");
const CONNECTION = `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${ACCOUNT_KEY};EndpointSuffix=core.windows.net`;
const storage = { connectionString: CONNECTION, container: "uploads", sasTtlMs: 3_600_000, isIdentityBased: false };
const delivery = { lockMs: 30_000, ttlMs: 3_600_000, maxDeliveryCount: 2 };

const blob = (status: number, headers: BlobResponse["headers"] = {}): BlobResponse => ({
  status,
  headers,
  body: (async function* () {})(),
  end: () => undefined,
});
const FOUND = blob(200, { "content-length": "12", "last-modified": "Sun, 01 Mar 2026 11:59:00 GMT" });

describe("uploads of files", () => {
  let plane: DataPlane;
  let sent: BlobRequest[];
  let stored: BlobResponse | BlobsUnavailable;

  beforeEach(async () => {
    [sent, stored] = [[], FOUND];
    plane = new DataPlane({
      sendBlobRequest: async (request) => {
        sent.push(request);
        if (stored instanceof Error) throw stored;
        return stored;
      },
    });
    configure({ storage });
    const authentication = { type: "sas", symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("other") } };
    for (const deviceId of [ID, "pump-2"]) {
      const body = { deviceId, authentication };
      await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId }, body });
    }
  });

  function configure(more: Partial<FileUploadSettings>): void {
    const fileUpload = { notifies: true, notifications: delivery, ...more };
    plane.directory.hubs = plane.directory.hubs.map((each) => ({ ...each, fileUpload }));
  }

  const ask = (name: string, more: TestRequest = {}, deviceId = ID) => {
    const expiry = Math.floor(plane.clock.now().getTime() / 1000) + 60;
    const authorization = createSas(`${HUB_HOST}/devices/${deviceId}`, keyOf("device"), expiry);
    return plane.ask(`Device_${name}`, { ...more, params: { deviceId, ...more.params }, headers: { authorization } });
  };
  const begin = (blobName = "log.txt", deviceId = ID) =>
    ask("CreateFileUploadSasUri", { body: { blobName } }, deviceId);
  const end = (correlationId: string, isSuccess: boolean, more: TestRequest = {}, deviceId = ID) =>
    ask("UpdateFileUploadStatus", { body: { correlationId, isSuccess }, ...more }, deviceId);
  const started = async (): Promise<string> => (await begin()).body.correlationId;
  const receive = () => plane.ask("FileNotifications_Receive");
  const errorOf = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => headers["iothub-errorcode"];

  it("begin with a signature of the account's key for the device's blob", async () => {
    const { status, body } = await begin("logs/ü ?.txt");
    assert.equal(status, 200);
    const { correlationId, sasToken, ...rest } = body;
    assert.deepEqual(rest, {
      hostName: "contoso.blob.core.windows.net",
      containerName: "uploads",
      blobName: "pump#1/logs/ü ?.txt",
    });
    assert.match(Buffer.from(correlationId, "base64").toString(), /^202603011200_[\w-]+_logs\/ü \?\.txt_ver2\.0$/);
    const query = new URLSearchParams(sasToken);
    assert.deepEqual(
      ["sv", "sr", "se", "sp"].map((name) => query.get(name)),
      ["2018-03-28", "b", "2026-03-01T13:00:00Z", "rw"],
    );
    assert.match(query.get("sig") ?? "", /^[\w+/]{43}=$/);
  });

  it("name the address of a BlobEndpoint with its path", async () => {
    const connectionString = `AccountName=contoso;AccountKey=${ACCOUNT_KEY};BlobEndpoint=https://127.0.0.1:10000/contoso/`;
    configure({ storage: { ...storage, connectionString } });
    const { body } = await begin();
    assert.equal(body.hostName, "127.0.0.1:10000/contoso");
    await end(body.correlationId, true);
    assert.equal(sent[0]?.url.origin, "https://127.0.0.1:10000");
    assert.equal(sent[0]?.url.pathname, "/contoso/uploads/pump%231/log.txt");
  });

  it("that succeed notify the service once, with what the storage says of the blob", async () => {
    const correlationId = await started();
    assert.equal((await end(correlationId, true)).status, 204);
    const [request] = sent;
    assert.deepEqual(
      [request?.method, request?.url.host, request?.url.pathname, request?.url.searchParams.get("sp")],
      ["HEAD", "contoso.blob.core.windows.net", "/uploads/pump%231/log.txt", "r"],
    );
    const { status, headers, body } = await receive();
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "application/vnd.microsoft.iothub.filenotification.json");
    assert.deepEqual(body, {
      deviceId: ID,
      blobUri: "https://contoso.blob.core.windows.net/uploads/pump%231/log.txt",
      blobName: "pump#1/log.txt",
      lastUpdatedTime: "2026-03-01T11:59:00+00:00",
      blobSizeInBytes: 12,
      enqueuedTimeUtc: "2026-03-01T12:00:00.0000000Z",
    });
    assert.equal((await receive()).status, 204);
    const lockToken = /^"(.+)"$/.exec(headers.etag ?? "")?.[1] ?? "";
    const settled = await plane.ask("FileNotifications_Complete", { params: { lockToken } });
    assert.equal(settled.status, 204);
    const again = await plane.ask("FileNotifications_Complete", { params: { lockToken } });
    assert.deepEqual([again.status, errorOf(again)], [412, "DeviceMessageLockLost"]);
  });

  it("end with the correlation ID in the path, as azure-iot-device for Node sends it", async () => {
    const params = { deviceId: ID, correlationId: await started() };
    const body = { isSuccess: true, statusCode: 201, statusDescription: "" };
    assert.equal((await ask("UpdateFileUploadStatusByCorrelationId", { params, body })).status, 204);
    assert.equal((await receive()).status, 200);
  });

  it("that fail, or at a hub without notifications, end without one", async () => {
    assert.equal((await end(await started(), false)).status, 204);
    assert.deepEqual(sent, []);
    configure({ storage, notifies: false });
    assert.equal((await end(await started(), true)).status, 204);
    assert.equal(sent.length, 1);
    assert.equal((await receive()).status, 204);
  });

  it("notify again after an abandon or a lapsed lock, as often as the hub is set to", async () => {
    await end(await started(), true);
    const lockToken = /^"(.+)"$/.exec((await receive()).headers.etag ?? "")?.[1] ?? "";
    const abandoned = await plane.ask("FileNotifications_Abandon", { params: { lockToken } });
    assert.equal(abandoned.status, 204);
    assert.equal((await receive()).headers["iothub-deliverycount"], "1");
    plane.clock.advance(delivery.lockMs / 1000);
    assert.equal((await receive()).status, 204);
  });

  describe("with the hub's identity", () => {
    const ANSWER = `<?xml version="1.0"?><UserDelegationKey><SignedOid>p-1</SignedOid><SignedTid>t-1</SignedTid><SignedStart>2026-03-01T11:55:00Z</SignedStart><SignedExpiry>2026-03-01T13:00:00Z</SignedExpiry><SignedService>b</SignedService><SignedVersion>2021-12-02</SignedVersion><Value>${keyOf("delegated")}</Value></UserDelegationKey>`;
    const identityBased = { ...storage, connectionString: "AccountName=contoso", isIdentityBased: true };
    const key = (): BlobResponse => ({
      ...blob(200),
      body: (async function* () {
        yield Buffer.from(ANSWER);
      })(),
    });

    beforeEach(() => {
      configure({ storage: identityBased });
      plane.directory.identities = { "hub-key-hub-1 SystemAssigned": { objectId: "p-1", clientId: "c-1" } };
    });

    it("begin with a signature of a user delegation key, and end", async () => {
      stored = key();
      const { status, body } = await begin();
      assert.equal(status, 200, JSON.stringify(body));
      const query = Object.fromEntries(new URLSearchParams(body.sasToken));
      const { sig, ...rest } = query;
      assert.deepEqual(rest, {
        ...{ sv: "2018-11-09", sr: "b", sp: "rw", se: "2026-03-01T13:00:00Z" },
        ...{ skoid: "p-1", sktid: "t-1", skt: "2026-03-01T11:55:00Z", ske: "2026-03-01T13:00:00Z" },
        ...{ sks: "b", skv: "2021-12-02" },
      });
      assert.match(sig ?? "", /^[\w+/]{43}=$/);
      const [asked] = sent;
      assert.equal(
        `${asked?.method} ${asked?.url.href}`,
        "POST https://contoso.blob.core.windows.net/?restype=service&comp=userdelegationkey",
      );
      assert.equal(asked?.headers?.authorization, "Bearer of p-1");
      assert.match(String(asked?.body), /<Start>2026-03-01T11:55:00Z<\/Start><Expiry>2026-03-01T13:00:00Z<\/Expiry>/);
    });

    it("are refused without the identity or its role at the account, and where the storage gives no key", async () => {
      const refused = async (status: number, code: string, words: RegExp) => {
        const response = await begin();
        assert.deepEqual([response.status, errorOf(response)], [status, code]);
        assert.match(`${response.body.Message} ${response.headers["x-local-azure-reason"]}`, words);
      };
      stored = blob(403, { "x-ms-error-code": "AuthorizationFailure" });
      await refused(501, "NotEmulated", /--oauth basic/);
      stored = blob(404, { "x-ms-error-code": "ResourceNotFound" });
      await refused(400, "InvalidStorageEndpointProperty", /404 ResourceNotFound/);
      stored = new BlobsUnavailable(true, "no storage");
      await refused(501, "NotEmulated", /no storage/);
      sent = [];
      plane.directory.denied = ["blobs/write /accounts/contoso"];
      await refused(
        400,
        "InvalidStorageEndpointProperty",
        /p-1 lacks the right to write.*Storage Blob Data Contributor/,
      );
      plane.directory.identities = {};
      await refused(400, "InvalidStorageEndpointProperty", /does not have the identity SystemAssigned/);
      configure({ storage: { ...identityBased, connectionString: "BlobEndpoint=x" } });
      await refused(400, "InvalidStorageEndpointProperty", /AccountName/);
      assert.deepEqual(sent, []);
      assert.equal(plane.database.get("SELECT count(*) AS n FROM hub_file_upload")?.n, 0);
    });
  });

  it("are refused without storage, and with a connection string that is none", async () => {
    for (const [given, number, code] of [
      [undefined, 400014, "DefaultStorageEndpointNotConfigured"],
      [{ ...storage, connectionString: "AccountName=contoso" }, 400022, "InvalidStorageEndpointProperty"],
    ] as const) {
      configure({ storage: given });
      const refused = await begin();
      assert.deepEqual([refused.status, errorOf(refused)], [Math.floor(number / 1000), code]);
      assert.equal(JSON.parse(refused.body.Message).errorCode, number);
      assert.ok(!JSON.stringify(refused).includes(ACCOUNT_KEY));
    }
    assert.equal(plane.database.get("SELECT count(*) AS n FROM hub_file_upload")?.n, 0);
  });

  it("are at most ten at the same time for a device, until they end or expire", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 10; count += 1) ids.push(await started());
    const refused = await begin();
    assert.deepEqual([refused.status, errorOf(refused)], [403, "DeviceMaximumActiveFileUploadLimitExceeded"]);
    assert.match(refused.body.Message, /403006.*Number of active file upload requests cannot exceed 10/);
    assert.equal((await begin("log.txt", "pump-2")).status, 200);
    await end(ids[0] ?? "", false);
    assert.equal((await begin()).status, 200);
    plane.clock.advance(storage.sasTtlMs / 1000);
    assert.equal((await begin()).status, 200);
  });

  it("refuse a correlation ID that is unknown, another device's, used or expired", async () => {
    const correlationId = await started();
    for (const [given, deviceId] of [
      ["unknown", ID],
      ["", ID],
      [correlationId, "pump-2"],
    ] as const) {
      const refused = await end(given, true, {}, deviceId);
      assert.deepEqual([refused.status, errorOf(refused)], [400, "InvalidFileUploadCorrelationId"], given);
    }
    const ends = await Promise.all([end(correlationId, true), end(correlationId, true)]);
    assert.deepEqual(ends.map(({ status }) => status).sort(), [204, 400]);
    const late = await started();
    plane.clock.advance(storage.sasTtlMs / 1000);
    const expired = await end(late, true);
    assert.deepEqual([expired.status, errorOf(expired)], [400, "ExpiredFileUploadCorrelationId"]);
  });

  it("stay open where the storage does not have the blob, or does not respond", async () => {
    const correlationId = await started();
    for (const [response, status, code] of [
      [blob(404, { "x-ms-error-code": "BlobNotFound" }), 400, "InvalidStorageEndpointOrBlob"],
      [blob(403), 400, "InvalidStorageEndpointOrBlob"],
      [new BlobsUnavailable(false, "no response"), 400, "InvalidStorageEndpointOrBlob"],
      [new BlobsUnavailable(true, "no storage"), 501, "NotEmulated"],
    ] as const) {
      stored = response;
      const refused = await end(correlationId, true);
      assert.deepEqual([refused.status, errorOf(refused)], [status, code]);
    }
    stored = FOUND;
    assert.equal((await end(correlationId, true)).status, 204);
  });

  it("refuse names that no blob has, bodies without a name, and another device's signature", async () => {
    for (const body of [
      {},
      { blobName: "" },
      { blobName: "x".repeat(1018) },
      { blobName: "a\nb" },
      { blobName: "\ud800" },
      { blobName: "../pump-2/secret.txt" },
      { blobName: "logs/./a.txt" },
      { blobName: "a/".repeat(254) },
      undefined,
    ]) {
      const refused = await ask("CreateFileUploadSasUri", { body });
      assert.deepEqual([refused.status, errorOf(refused)], [400, "ArgumentInvalid"], JSON.stringify(body));
    }
    assert.equal(
      (await ask("CreateFileUploadSasUri", { params: { deviceId: "pump-2" }, body: { blobName: "a" } })).status,
      401,
    );
  });

  it("end with their device", async () => {
    const correlationId = await started();
    await plane.ask("Devices_DeleteIdentity", {
      params: { deviceId: ID },
      headers: { authorization: plane.sas(HUB_HOST, "iothubowner"), "if-match": "*" },
    });
    const body = {
      deviceId: ID,
      authentication: { type: "sas", symmetricKey: { primaryKey: keyOf("device"), secondaryKey: keyOf("device") } },
    };
    await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId: ID }, body });
    assert.equal(errorOf(await end(correlationId, true)), "InvalidFileUploadCorrelationId");
  });

  it("are notified only to who has ServiceConnect", async () => {
    const refused = await plane.ask("FileNotifications_Receive", {
      headers: { authorization: plane.sas(HUB_HOST, "registryRead") },
    });
    assert.deepEqual([refused.status, errorOf(refused)], [401, "IotHubUnauthorizedAccess"]);
  });
});
