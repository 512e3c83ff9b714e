import { strict as assert } from "node:assert";
import { DataPlane } from "../../../cast/dataPlane";
import { HubOwner } from "../../../cast/hubOwner";

const HUB = "hub-key-hub-1";
const TAGS = { tags: { batch: 7 }, properties: { desired: { period: 5 } } };

describe("IoT Hub service API: jobs", () => {
  let owner: HubOwner;

  beforeEach(async () => {
    owner = new HubOwner();
    for (const id of ["a", "b", "c"]) {
      await owner.device(id);
      await owner.done("Devices_UpdateTwin", { deviceId: id }, { tags: { site: id === "c" ? "south" : "north" } });
    }
  });

  const job = (more: object = {}) => ({
    type: "scheduleUpdateTwin",
    queryCondition: "tags.site = 'north'",
    updateTwin: { etag: "*", ...TAGS },
    maxExecutionTimeInSeconds: 60,
    ...more,
  });
  const create = (jobId: string, more: object = {}) =>
    owner.done("Jobs_CreateScheduledJob", { jobId }, { jobId, ...job(more) });
  const get = (jobId: string) => owner.done("Jobs_GetScheduledJob", { jobId });
  const settled = () => owner.plane.hubs.jobs.settled();
  const tags = async (deviceId: string) => (await owner.done("Devices_GetTwin", { deviceId })).tags;
  const deviceJobs = (condition: string) =>
    owner.done("Query_GetTwins", {}, { query: `SELECT * FROM devices.jobs WHERE ${condition}` });
  const inHours = (hours: number) => new Date(owner.plane.clock.now().getTime() + hours * 3_600_000).toISOString();

  describe("of twins", () => {
    it("change the twins of the devices that meet the condition", async () => {
      const made = await create("j-1");
      assert.deepEqual(made, {
        jobId: "j-1",
        ...job(),
        createdTime: "2026-03-01T12:00:00.000Z",
        startTime: "2026-03-01T12:00:00.000Z",
        status: "queued",
        deviceJobStatistics: { deviceCount: 0, failedCount: 0, succeededCount: 0, runningCount: 0, pendingCount: 0 },
      });
      await settled();
      const done = await get("j-1");
      assert.deepEqual([done.status, done.endTime], ["completed", "2026-03-01T12:00:00.000Z"]);
      assert.deepEqual([done.deviceJobStatistics.deviceCount, done.deviceJobStatistics.succeededCount], [2, 2]);
      assert.deepEqual(await tags("a"), { site: "north", batch: 7 });
      assert.deepEqual(await tags("c"), { site: "south" });
    });

    it("take * for every device, and a condition of no device", async () => {
      await create("all", { queryCondition: "*" });
      await create("none", { queryCondition: "deviceId = 'none'" });
      await settled();
      assert.equal((await get("all")).deviceJobStatistics.succeededCount, 3);
      const none = await get("none");
      assert.deepEqual([none.status, none.deviceJobStatistics.deviceCount], ["completed", 0]);
    });

    it("run on many devices, each once", async () => {
      const items = Array.from({ length: 100 }, (_, n) => ({ id: `d-${n}`, tags: { site: "many" } }));
      for (const prefix of ["x", "y"]) {
        await owner.done(
          "BulkRegistry_UpdateRegistry",
          {},
          items.map((item) => ({ ...item, id: prefix + item.id })),
        );
      }
      await create("many", { queryCondition: "tags.site = 'many'" });
      await settled();
      assert.equal((await get("many")).deviceJobStatistics.succeededCount, 200);
      assert.equal((await owner.done("Devices_GetTwin", { deviceId: "xd-7" })).version, 3);
    });

    it("fail on a device whose twin would be too large, and on no other", async () => {
      const full = Object.fromEntries([0, 1].map((n) => [`k${n}`, "x".repeat(4000)]));
      await owner.done("Devices_UpdateTwin", { deviceId: "a" }, { tags: full });
      await create("big", { updateTwin: { tags: { more: "y".repeat(200) } } });
      await settled();
      const { status, deviceJobStatistics, statusMessage } = await get("big");
      assert.deepEqual(
        [status, deviceJobStatistics.failedCount, deviceJobStatistics.succeededCount],
        ["completed", 1, 1],
      );
      assert.match(statusMessage, /failed on 1 devices/);
      const [failed] = await deviceJobs("devices.jobs.deviceId = 'a'");
      assert.deepEqual([failed.status, failed.error.code], ["failed", "400004"]);
      await create("bigger", { queryCondition: "deviceId = 'a'", updateTwin: { tags: { more: "y".repeat(200) } } });
      await settled();
      const { status: ended, deviceJobStatistics: counts } = await get("bigger");
      assert.deepEqual([ended, counts.failedCount, counts.succeededCount], ["completed", 1, 0]);
    });
  });

  describe("of methods", () => {
    const method = (more: object = {}) => ({
      type: "scheduleDeviceMethod",
      updateTwin: undefined,
      cloudToDeviceMethod: { methodName: "reboot", payload: { in: 1 }, responseTimeoutInSeconds: 10, ...more },
    });

    it("call the devices that are connected; the others have failed", async () => {
      const { connections, methods } = owner.plane.hubs.devices;
      const connection = connections.open({ hub: HUB, deviceId: "a" }, { end: () => undefined });
      const calls: unknown[] = [];
      connection.receiveMethods = ({ requestId, name, payload }) => {
        calls.push([name, payload]);
        methods.respond(connection, requestId, { status: 202, payload: "ok" });
      };
      await create("m-1", method());
      await settled();
      assert.deepEqual(calls, [["reboot", { in: 1 }]]);
      const { status, deviceJobStatistics } = await get("m-1");
      assert.deepEqual(
        [status, deviceJobStatistics.succeededCount, deviceJobStatistics.failedCount],
        ["completed", 1, 1],
      );
      const [one, other] = await deviceJobs("jobId = 'm-1'");
      assert.deepEqual(one, {
        deviceId: "a",
        jobId: "m-1",
        jobType: "scheduleDeviceMethod",
        status: "completed",
        startTimeUtc: "2026-03-01T12:00:00.000Z",
        endTimeUtc: "2026-03-01T12:00:00.000Z",
        createdDateTimeUtc: "2026-03-01T12:00:00.000Z",
        lastUpdatedDateTimeUtc: "2026-03-01T12:00:00.000Z",
        outcome: { deviceMethodResponse: { status: 202, payload: "ok" } },
      });
      assert.deepEqual([other.status, other.error.code], ["failed", "404103"]);
    });

    it("fail after a restart where a call was in progress, and go on with the others", async () => {
      const { connections } = owner.plane.hubs.devices;
      const connection = connections.open({ hub: HUB, deviceId: "a" }, { end: () => undefined });
      connection.receiveMethods = () => undefined;
      await create("m-2", method());
      while (!(await deviceJobs("status = 'running'")).length) await new Promise(setImmediate);
      owner.plane.hubs.jobs.stop();
      const later = new HubOwner(new DataPlane({ database: owner.plane.database }));
      later.plane.hubs.jobs.start();
      await later.plane.hubs.jobs.settled();
      later.plane.hubs.jobs.stop();
      const done = await later.done("Jobs_GetScheduledJob", { jobId: "m-2" });
      assert.deepEqual([done.status, done.deviceJobStatistics.failedCount], ["completed", 2]);
      connections.endAll("the test ends");
    });
  });

  describe("at a later time", () => {
    it("are scheduled, and begin when it comes", async () => {
      const made = await create("later", { startTime: inHours(1) });
      assert.equal(made.status, "queued");
      assert.equal((await get("later")).status, "scheduled");
      owner.plane.clock.advance(3601);
      await get("later");
      await settled();
      assert.equal((await get("later")).status, "completed");
      assert.deepEqual(await tags("a"), { site: "north", batch: 7 });
    });

    it("begin by themselves in a hub that has started again", async () => {
      await create("later", { startTime: inHours(1).replace("Z", "") });
      const later = new HubOwner(new DataPlane({ database: owner.plane.database }));
      later.plane.clock.advance(3601);
      later.plane.hubs.jobs.start();
      await later.plane.hubs.jobs.settled();
      later.plane.hubs.jobs.stop();
      assert.equal((await later.done("Jobs_GetScheduledJob", { jobId: "later" })).status, "completed");
    });

    it("do not begin once they are cancelled", async () => {
      await create("later", { startTime: inHours(1) });
      const cancelled = await owner.done("Jobs_CancelScheduledJob", { jobId: "later" });
      assert.equal(cancelled.status, "cancelled");
      owner.plane.clock.advance(3601);
      await get("later");
      await settled();
      assert.equal((await get("later")).status, "cancelled");
      assert.deepEqual(await tags("a"), { site: "north" });
    });

    it("fail when their time has passed before they begin", async () => {
      await create("later", { startTime: inHours(1), maxExecutionTimeInSeconds: 60 });
      owner.plane.clock.advance(2 * 3600);
      await get("later");
      await settled();
      const { status, failureReason, deviceJobStatistics } = await get("later");
      assert.deepEqual([status, deviceJobStatistics.failedCount], ["failed", 2]);
      assert.match(failureReason, /maxExecutionTimeInSeconds/);
    });
  });

  it("are as many at the same time as the hub's tier has, scheduled ones too", async () => {
    const { directory } = owner.plane;
    directory.hubs = directory.hubs.map((each) => ({ ...each, activeJobLimit: 1 }));
    await create("later", { startTime: inHours(1) });
    const second = ["Jobs_CreateScheduledJob", { jobId: "now" }, job()] as const;
    await owner.refused([...second], 429, "ThrottlingMaxActiveJobCountExceeded", "at most 1");
    await owner.refused(["Jobs_CreateScheduledJob", { jobId: "later" }, job()], 409, "JobAlreadyExists");
    await owner.done("Jobs_CancelScheduledJob", { jobId: "later" });
    assert.equal((await owner.done(...second)).status, "queued");
    await settled();
    assert.equal((await create("next")).status, "queued");
    await settled();
  });

  it("cannot be cancelled when they have ended", async () => {
    await create("j-1");
    await settled();
    await owner.refused(
      ["Jobs_CancelScheduledJob", { jobId: "j-1" }],
      405,
      "OperationNotAllowedInCurrentState",
      "'j-1' is completed",
    );
  });

  it("fail when they begin, where their condition is invalid", async () => {
    assert.equal((await create("j-1", { queryCondition: "tags." })).status, "queued");
    await settled();
    const { status, failureReason } = await get("j-1");
    assert.equal(status, "failed");
    assert.match(failureReason, /the query is invalid/);
  });

  it("are listed by type and status, in pages", async () => {
    for (const id of ["j-1", "j-2", "j-3"]) await create(id, { startTime: id === "j-3" ? inHours(1) : undefined });
    await settled();
    const list = async (query: Record<string, string>, headers: Record<string, string> = {}) => {
      const given = {
        query,
        headers: { authorization: owner.plane.sas("hub-1.azure-devices.net", "iothubowner"), ...headers },
      };
      return owner.plane.ask("Jobs_QueryScheduledJobs", given);
    };
    const ids = ({ body }: { body: { jobId: string }[] }) => body.map(({ jobId }) => jobId);
    assert.deepEqual(ids(await list({})), ["j-1", "j-2", "j-3"]);
    assert.deepEqual(ids(await list({ jobtype: "scheduleUpdateTwin", jobstatus: "completed" })), ["j-1", "j-2"]);
    assert.deepEqual(ids(await list({ jobtype: "scheduleDeviceMethod" })), []);
    const first = await list({}, { "x-ms-max-item-count": "2" });
    assert.equal(first.headers["x-ms-item-type"], "JobResponse");
    const rest = await list({}, { "x-ms-continuation": first.headers["x-ms-continuation"] ?? "" });
    assert.deepEqual([ids(first), ids(rest)], [["j-1", "j-2"], ["j-3"]]);
  });

  it("are kept for 30 days after their end", async () => {
    await create("old");
    await settled();
    owner.plane.clock.advance(31 * 86_400);
    await create("new");
    assert.deepEqual(await get("old"), { type: "unknown", status: "unknown" });
    await settled();
    assert.deepEqual(await deviceJobs("jobId = 'old'"), []);
  });

  it("are refused where they are wrong", async () => {
    const put = (more: object, jobId = "j-1") => ["Jobs_CreateScheduledJob", { jobId }, job(more)] as const;
    for (const [more, words] of [
      [{ queryCondition: undefined }, "queryCondition is required"],
      [{ updateTwin: undefined }, "updateTwin is required"],
      [{ updateTwin: { etag: "AAAA", tags: {} } }, "etag must be *"],
      [{ updateTwin: { tags: { "a.b": 1 } } }, "dot"],
      [{ type: "scheduleDeviceMethod" }, "cloudToDeviceMethod is required"],
      [{ type: "factoryResetDevice" }, "type must be one of"],
      [{ startTime: "tomorrow" }, "startTime"],
      [{ startTime: inHours(169) }, "within 168 hours"],
      [{ jobId: "j-2" }, "jobId"],
    ] as const) {
      await owner.refused([...put(more)], 400, "ArgumentInvalid", words);
    }
    for (const id of ["a/b", "J-1", "j_1", "j.1", "j".repeat(65)]) {
      await owner.refused([...put({}, id)], 400, "ArgumentInvalid", "job ID");
    }
    await create("j-1");
    await settled();
    await owner.refused([...put({})], 409, "JobAlreadyExists", "'j-1'");
    await owner.refused(["Jobs_CancelScheduledJob", { jobId: "none" }], 404, "JobNotFound", "none");
  });

  it("of import and export need storage, and there are none without it", async () => {
    const outputBlobContainerUri = "https://contoso.blob.core.windows.net/devices";
    await owner.refused(
      ["Jobs_CreateImportExportJob", {}, { type: "export", outputBlobContainerUri }],
      501,
      "NotEmulated",
      "storage",
    );
    assert.deepEqual(await owner.done("Jobs_GetImportExportJobs"), []);
    for (const name of ["Jobs_GetImportExportJob", "Jobs_CancelImportExportJob"]) {
      await owner.refused([name, { jobId: "x" }], 404, "JobNotFound");
    }
  });
});
