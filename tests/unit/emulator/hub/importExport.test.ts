import { strict as assert } from "node:assert";
import { BlobsUnavailable } from "../../../../emulator/kernel/blobRequests";
import { BlobMemory } from "../../../cast/blobMemory";
import { DataPlane, HUB_HOST, keyOf } from "../../../cast/dataPlane";

const CONTAINER = "https://contoso.blob.core.windows.net/devices?sv=1&sig=good";
const DEVICES = "/devices/devices.txt";
const ERRORS = "/devices/importErrors.log";

describe("imports and exports of devices", () => {
  let plane: DataPlane;
  let storage: BlobMemory;

  beforeEach(() => {
    storage = new BlobMemory();
    plane = new DataPlane({ sendBlobRequest: (request) => storage.send(request) });
  });

  const create = (body: object) => plane.ask("Jobs_CreateImportExportJob", { body });
  const get = (jobId: string) => plane.ask("Jobs_GetImportExportJob", { params: { jobId } });
  const errorOf = ({ status, headers }: { status: number; headers: Readonly<Record<string, string>> }) => [
    status,
    headers["iothub-errorcode"],
  ];
  /** Runs a job to its end. */
  async function run(body: object): Promise<Record<string, unknown>> {
    const created = await create(body);
    assert.equal(created.status, 200, JSON.stringify(created.body));
    assert.equal(created.body.status, "enqueued");
    await plane.hubs.importExports.settled();
    return (await get(created.body.jobId)).body;
  }
  const exported = async (more: object = {}) => {
    const job = await run({ type: "export", outputBlobContainerUri: CONTAINER, ...more });
    assert.equal(job.status, "completed");
    return storage.lines(DEVICES);
  };
  const imported = async (lines: readonly (object | string)[], more: object = {}) => {
    const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\r\n");
    storage.blobs.set(DEVICES, Buffer.from(text));
    const uris = { inputBlobContainerUri: CONTAINER, outputBlobContainerUri: CONTAINER };
    const job = await run({ type: "import", ...uris, ...more });
    assert.deepEqual([job.status, job.failureReason], ["completed", null]);
    return storage.lines(ERRORS).map((line) => JSON.parse(line));
  };
  const device = async (deviceId: string, more: object = {}) => {
    const { status, body } = await plane.ask("Devices_CreateOrUpdateIdentity", {
      params: { deviceId },
      body: { deviceId, ...more },
    });
    assert.equal(status, 200);
    return body;
  };
  const sas = { type: "sas", symmetricKey: { primaryKey: keyOf("one"), secondaryKey: keyOf("two") } };

  it("export every device and module with its twin, a line each", async () => {
    const { etag } = await device("pump", { authentication: sas, statusReason: "new" });
    await device("valve", {
      status: "disabled",
      authentication: { type: "selfSigned", x509Thumbprint: { primaryThumbprint: "A".repeat(40) } },
    });
    await plane.ask("Devices_UpdateTwin", {
      params: { deviceId: "pump" },
      body: { tags: { site: "n" }, properties: { desired: { a: 1 } } },
    });
    const params = { deviceId: "pump", moduleId: "camera" };
    await plane.ask("Modules_CreateOrUpdateIdentity", { params, body: params });
    const lines = (await exported()).map((line) => JSON.parse(line));
    assert.deepEqual(lines[0], {
      id: "pump",
      eTag: etag,
      status: "enabled",
      statusReason: "new",
      authentication: { ...sas, x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null } },
      twinETag: "AAAAAAAAAAI=",
      tags: { site: "n" },
      properties: { desired: { a: 1 }, reported: {} },
      capabilities: { iotEdge: false },
    });
    assert.deepEqual(
      lines.map(({ id, moduleId, status }) => [id, moduleId, status]),
      [
        ["pump", undefined, "enabled"],
        ["pump", "camera", "enabled"],
        ["valve", undefined, "disabled"],
      ],
    );
    assert.equal(lines[2].authentication.x509Thumbprint.primaryThumbprint, "A".repeat(40));
  });

  it("export no keys where the request excludes them, and say so in the first line", async () => {
    await device("pump", { authentication: sas });
    const [warning, line = ""] = await exported({ excludeKeysInExport: true });
    assert.match(warning ?? "", /keys/);
    assert.deepEqual(JSON.parse(line).authentication.symmetricKey, { primaryKey: null, secondaryKey: null });
    assert.ok(!storage.lines(DEVICES).join("").includes(keyOf("one")));
  });

  it("export more devices than a page has, under a name of their own", async () => {
    for (let count = 0; count < 250; count += 1) await device(`d-${count}`);
    await run({ type: "export", outputBlobContainerUri: CONTAINER, outputBlobName: "all of/them.txt" });
    assert.equal(storage.lines("/devices/all of/them.txt").length, 250);
  });

  it("import what was exported, also into another hub", async () => {
    await device("pump", { authentication: sas });
    await plane.ask("Devices_UpdateTwin", { params: { deviceId: "pump" }, body: { tags: { site: "ü" } } });
    const lines = await exported();
    storage.blobs.set(DEVICES, Buffer.from(lines.join("\n")));
    const { body, status } = await plane.ask("Jobs_CreateImportExportJob", {
      host: "hub-2.azure-devices.net",
      body: { type: "import", inputBlobContainerUri: CONTAINER, outputBlobContainerUri: CONTAINER },
    });
    assert.equal(status, 200, JSON.stringify(body));
    await plane.hubs.importExports.settled();
    assert.deepEqual(storage.lines(ERRORS), []);
    const copy = await plane.ask("Devices_GetTwin", { host: "hub-2.azure-devices.net", params: { deviceId: "pump" } });
    assert.deepEqual(copy.body.tags, { site: "ü" });
    const { authentication } = (
      await plane.ask("Devices_GetIdentity", { host: "hub-2.azure-devices.net", params: { deviceId: "pump" } })
    ).body;
    assert.equal(authentication.symmetricKey.primaryKey, keyOf("one"));
    assert.deepEqual((await get(body.jobId)).status, 404);
  });

  it("import create, update and delete devices, and write an error for each line that is refused", async () => {
    await device("old");
    await device("gone");
    const errors = await imported([
      { id: "new", importMode: "create", status: "enabled", tags: { a: 1 } },
      { id: "old", importMode: "create", status: "enabled" },
      { id: "gone", importMode: "delete", status: "enabled" },
      { id: "none", importMode: "update", status: "enabled" },
      { id: "new", moduleId: "camera", status: "enabled" },
      { id: "silent" },
      { id: "odd", status: "enabled", authentication: { type: "SELF_SIGNED" } },
      "no JSON",
    ]);
    assert.deepEqual(
      errors.map(({ deviceId, errorCode }) => [deviceId, errorCode]),
      [
        ["old", 409001],
        ["none", 404001],
        [undefined, 400012],
        [undefined, 400012],
        [undefined, 400012],
      ],
    );
    assert.match(errors[2].errorStatus, /^Invalid device format in line: \{"id":"silent"\}\. status is required/);
    assert.match(errors[3].errorStatus, /authentication\.type/);
    const { body } = await plane.ask("Devices_GetDevices");
    assert.deepEqual(body.map(({ deviceId }: { deviceId: string }) => deviceId).sort(), ["new", "old"]);
    assert.equal(
      (await plane.ask("Modules_GetIdentity", { params: { deviceId: "new", moduleId: "camera" } })).status,
      200,
    );
  });

  it("import leaves an empty file where every line is taken, and reads names and letters of every kind", async () => {
    const lines = Array.from({ length: 230 }, (_, at) => ({
      id: `d-${at}`,
      STATUS: "enabled",
      tags: { stadt: "München" },
    }));
    assert.deepEqual(await imported([`\ufeff${JSON.stringify(lines[0])}`, "", ...lines.slice(1)]), []);
    assert.equal((await plane.ask("Devices_GetDevices", { query: { top: "1000" } })).body.length, 230);
  });

  it("import refuses a line that is not UTF-8, or longer than any device, and takes the others", async () => {
    const good = JSON.stringify({ id: "good", status: "enabled" });
    const parts = [Buffer.from('{"id":"M'), Buffer.from([0xfc]), Buffer.from('nchen","status":"enabled"}\n')];
    const long = Buffer.from(`${"x".repeat(300_000)}\n`);
    storage.blobs.set(DEVICES, Buffer.concat([...parts, long, Buffer.from(good)]));
    const uris = { inputBlobContainerUri: CONTAINER, outputBlobContainerUri: CONTAINER };
    assert.equal((await run({ type: "import", ...uris })).status, "completed");
    const errors = storage.lines(ERRORS).map((line) => JSON.parse(line).errorStatus);
    assert.match(errors[0], /not UTF-8/);
    assert.match(errors[1], /at most 262144 characters/);
    assert.ok(errors[1].length < 2000);
    assert.equal((await plane.ask("Devices_GetIdentity", { params: { deviceId: "good" } })).status, 200);
  });

  it("return no address of a blob, whose signature is a secret, and store none", async () => {
    const job = await run({ type: "export", outputBlobContainerUri: CONTAINER });
    assert.equal(job.outputBlobContainerUri, "");
    assert.deepEqual([job.type, job.progress, job.excludeKeysInExport], ["export", 100, false]);
    assert.ok(!plane.contents().includes("sig=good"));
    const { body } = await plane.ask("Jobs_GetImportExportJobs");
    assert.deepEqual(body, [job]);
  });

  it("are refused before they begin where the container is not writable or has no devices", async () => {
    const uris = { inputBlobContainerUri: CONTAINER, outputBlobContainerUri: CONTAINER };
    storage.blobs.set("/other/devices.txt", Buffer.from(""));
    const before = plane.contents();
    for (const [body, expected] of [
      [
        { type: "export", outputBlobContainerUri: CONTAINER.replace("good", "bad") },
        [400, "BlobContainerValidationError"],
      ],
      [{ type: "import", ...uris }, [400, "BlobContainerValidationError"]],
      [{ type: "export", outputBlobContainerUri: "devices" }, [400, "BlobContainerValidationError"]],
      [
        { type: "export", outputBlobContainerUri: "https://contoso.blob.core.windows.net/" },
        [400, "BlobContainerValidationError"],
      ],
      [
        { type: "export", outputBlobContainerUri: CONTAINER, outputBlobName: "a\nb" },
        [400, "BlobContainerValidationError"],
      ],
      [{ type: "export", ...uris, outputBlobName: "../other/devices.txt" }, [400, "BlobContainerValidationError"]],
      [{ type: "import", ...uris, inputBlobName: "../other/devices.txt" }, [400, "BlobContainerValidationError"]],
      [{ type: "export" }, [400, "ArgumentInvalid"]],
      [{ type: "import", outputBlobContainerUri: CONTAINER }, [400, "ArgumentInvalid"]],
      [{ type: "backup", ...uris }, [400, "ArgumentInvalid"]],
      [{ type: "export", ...uris, storageAuthenticationType: "identityBased" }, [400, "BlobContainerValidationError"]],
      [
        { type: "export", ...uris, includeConfigurations: true, configurationsBlobName: "a\nb" },
        [400, "BlobContainerValidationError"],
      ],
    ] as const) {
      assert.deepEqual(errorOf(await create(body)), expected, JSON.stringify(body));
    }
    assert.equal(plane.contents(), before);
    assert.deepEqual([...storage.blobs.keys()], ["/other/devices.txt"]);
    storage.unavailable = new BlobsUnavailable(true, "no storage");
    assert.deepEqual(errorOf(await create({ type: "export", ...uris })), [501, "NotEmulated"]);
    storage.unavailable = new BlobsUnavailable(false, "no response");
    assert.deepEqual(errorOf(await create({ type: "export", ...uris })), [400, "BlobContainerValidationError"]);
  });

  describe("with the hub's identity", () => {
    const IDENTITY = { objectId: "p-1", clientId: "c-1" };
    const uri = "https://contoso.blob.core.windows.net/devices";
    const body = { type: "export", outputBlobContainerUri: uri, storageAuthenticationType: "identityBased" };
    const userAssignedIdentity = "/identities/one";

    it("export and import by the token of the system-assigned or a user-assigned identity", async () => {
      plane.directory.identities = {
        "hub-key-hub-1 SystemAssigned": IDENTITY,
        [`hub-key-hub-1 ${userAssignedIdentity}`]: IDENTITY,
      };
      await device("pump");
      assert.equal((await run(body)).status, "completed");
      const identity = { userAssignedIdentity };
      const imported = { ...body, type: "import", inputBlobContainerUri: uri, identity };
      assert.equal((await run(imported)).status, "completed");
      assert.equal(storage.lines(DEVICES).length, 1);
    });

    it("are refused where the hub has no such identity, or the identity no role at the container", async () => {
      plane.directory.identities = { "hub-key-hub-1 SystemAssigned": IDENTITY };
      const refused = async (given: object) => {
        const response = await create({ ...body, ...given });
        assert.deepEqual(errorOf(response), [400, "BlobContainerValidationError"]);
        return `${response.body.Message} ${response.headers["x-local-azure-reason"]}`;
      };
      assert.match(await refused({ identity: { userAssignedIdentity } }), /Unauthorized to write.*does not have/);
      // A role at `devices` is none at what is below it in a decoded path.
      for (const path of ["%zz", "devices%2F..%2Fother", "devices%2f"]) {
        const outputBlobContainerUri = `https://contoso.blob.core.windows.net/${path}`;
        assert.match(await refused({ outputBlobContainerUri }), /URI of a blob container is not valid/);
      }
      plane.directory.denied = ["blobs/delete /accounts/contoso/devices"];
      assert.match(await refused({}), /Unauthorized to write.*Storage Blob Data Contributor/);
      plane.directory.denied = ["blobs/read"];
      assert.match(await refused({ type: "import", inputBlobContainerUri: uri }), /Unauthorized to read/);
    });
  });

  describe("of configurations", () => {
    const CONFIGURATIONS = "/devices/configurations.txt";
    const put = (configurationId: string, more: object = {}) =>
      plane.ask("Configuration_CreateOrUpdate", {
        params: { configurationId },
        body: { id: configurationId, content: { deviceContent: { "properties.desired.a": 1 } }, ...more },
      });
    const find = (configurationId: string) => plane.ask("Configuration_Get", { params: { configurationId } });

    it("export them in Pascal case, and import them again", async () => {
      await put("c-1", { targetCondition: "*", priority: 3, labels: { by: "me" } });
      await exported({ includeConfigurations: true });
      const [line = ""] = storage.lines(CONFIGURATIONS);
      const { Id, Content, TargetCondition, Priority, Labels, ETag } = JSON.parse(line);
      assert.deepEqual(
        { Id, Content, TargetCondition, Priority, Labels },
        {
          Id: "c-1",
          Content: { DeviceContent: { "properties.desired.a": 1 } },
          TargetCondition: "*",
          Priority: 3,
          Labels: { by: "me" },
        },
      );
      assert.equal(ETag, (await find("c-1")).body.etag);
      await plane.ask("Configuration_Delete", { params: { configurationId: "c-1" } });
      await device("pump");
      assert.deepEqual(await imported([{ id: "pump", status: "enabled" }], { includeConfigurations: true }), []);
      await plane.hubs.configurations.settled();
      assert.deepEqual((await find("c-1")).body.priority, 3);
      const twin = await plane.ask("Devices_GetTwin", { params: { deviceId: "pump" } });
      assert.equal(twin.body.properties.desired.a, 1);
    });

    it("name the lines that are refused, and apply the others", async () => {
      await put("c-1");
      const name = "other.txt";
      const lines = [
        { id: "c-1", content: { deviceContent: { "properties.desired.a": 1 } }, etag: "stale" },
        { id: "C 2", content: { deviceContent: {} } },
        { content: {} },
        "no JSON",
        {
          id: "c-3",
          content: { deviceContent: { "properties.desired.b": 1 } },
          importMode: "createOrUpdateIfMatchETag",
        },
      ];
      const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
      storage.blobs.set(`/devices/${name}`, Buffer.from(text));
      const errors = await imported([], { includeConfigurations: true, configurationsBlobName: name });
      assert.deepEqual(
        errors.map(({ configurationId, errorCode }) => [configurationId, errorCode]),
        [
          ["c-1", 412001],
          ["C 2", 400004],
          [undefined, 400012],
          [undefined, 400012],
        ],
      );
      assert.equal((await find("c-3")).status, 200);
    });

    it("are refused where the container has none", async () => {
      storage.blobs.set(DEVICES, Buffer.from(""));
      const uris = { inputBlobContainerUri: CONTAINER, outputBlobContainerUri: CONTAINER };
      const response = await create({ type: "import", ...uris, includeConfigurations: true });
      assert.deepEqual(errorOf(response), [400, "BlobContainerValidationError"]);
    });
  });

  it("run one at a time in a hub", async () => {
    const body = { type: "export", outputBlobContainerUri: CONTAINER };
    const both = await Promise.all([create(body), create(body)]);
    assert.deepEqual(both.map((each) => errorOf(each)).sort(), [
      [200, undefined],
      [403, "JobQuotaExceeded"],
    ]);
    await plane.hubs.importExports.settled();
    assert.equal((await create(body)).status, 200);
    await plane.hubs.importExports.settled();
  });

  it("fail with a reason where the storage does, and internal errors are not theirs", async () => {
    await device("pump");
    storage.refuse = ({ url }) => (url.searchParams.get("comp") === "block" ? 500 : undefined);
    const job = await run({ type: "export", outputBlobContainerUri: CONTAINER });
    assert.deepEqual([job.status, job.failureReason], ["failed", "Unauthorized to write to output blob container"]);
    assert.ok(job.endTimeUtc);
    assert.equal(storage.blobs.has(DEVICES), false);
  });

  it("are cancelled between two batches, and an unknown one is not found", async () => {
    storage.blobs.set(
      DEVICES,
      Buffer.from(
        Array.from({ length: 400 }, (_, at) => JSON.stringify({ id: `d-${at}`, status: "enabled" })).join("\n"),
      ),
    );
    const uris = { inputBlobContainerUri: CONTAINER, outputBlobContainerUri: CONTAINER };
    const { body } = await create({ type: "import", ...uris });
    const cancelled = await plane.ask("Jobs_CancelImportExportJob", { params: { jobId: body.jobId } });
    assert.equal(cancelled.status, 204);
    await plane.hubs.importExports.settled();
    assert.equal((await get(body.jobId)).body.status, "cancelled");
    const { body: devices } = await plane.ask("Devices_GetDevices", { query: { top: "1000" } });
    assert.ok(devices.length < 400);
    for (const name of ["Jobs_GetImportExportJob", "Jobs_CancelImportExportJob"]) {
      assert.deepEqual(errorOf(await plane.ask(name, { params: { jobId: "none" } })), [404, "JobNotFound"]);
    }
  });

  it("that a restart interrupts have failed, and the next one begins", async () => {
    plane.database.run(
      "INSERT INTO hub_import_export (hub, job_id, type, excludes_keys, status, created) VALUES ('hub-key-hub-1', 'left', 'import', 0, 'running', 1)",
    );
    plane.hubs.importExports.start();
    const { status, failureReason } = (await get("left")).body;
    assert.equal(status, "failed");
    assert.match(failureReason, /restarted/);
    assert.deepEqual(await exported(), []);
  });

  it("need a policy that writes the registry", async () => {
    const headers = { authorization: plane.sas(HUB_HOST, "registryRead") };
    const body = { type: "export", outputBlobContainerUri: CONTAINER };
    assert.equal((await plane.ask("Jobs_CreateImportExportJob", { body, headers })).status, 401);
    assert.deepEqual(storage.requests, []);
  });
});
