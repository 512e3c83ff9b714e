"use strict";
/**
 * A service as users of azure-iothub write it: bulk registration, a module and its twin, nested Edge devices, a configuration, an Edge
 * deployment for one device, queries in pages, and a job of twins. Argument: connection string.
 */
const assert = require("node:assert/strict");
const { JobClient, Registry } = require("azure-iothub");

const [connectionString] = process.argv.slice(2);
const registry = Registry.fromConnectionString(connectionString);
const jobs = JobClient.fromConnectionString(connectionString);

const tried = (promise) =>
  promise.then(
    () => "accepted",
    (error) => error.name,
  );

/** Asks until the condition holds: what the hub does in the background takes a moment. */
async function until(ask, holds) {
  for (;;) {
    const { responseBody, jobStatus } = await ask();
    const value = responseBody ?? jobStatus;
    if (holds(value)) return value;
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function bulk() {
  const devices = ["bulk-1", "bulk-2"].map((deviceId) => ({ deviceId }));
  const added = (await registry.addDevices(devices)).responseBody;
  const again = await tried(registry.addDevices(devices));
  const updated = (await registry.updateDevices([{ deviceId: "bulk-1", status: "disabled" }], true)).responseBody;
  const { status } = (await registry.get("bulk-1")).responseBody;
  await registry.updateDevices([{ deviceId: "bulk-1", status: "enabled" }], true);
  return { added: added.isSuccessful, again, updated: updated.isSuccessful, status };
}

async function modules() {
  const module = { deviceId: "bulk-1", moduleId: "camera" };
  await registry.addModule(module);
  const again = await tried(registry.addModule(module));
  const found = (await registry.getModule("bulk-1", "camera")).responseBody;
  const twin = (await registry.getModuleTwin("bulk-1", "camera")).responseBody;
  await twin.update({ properties: { desired: { fps: 30 } } });
  const list = (await registry.getModulesOnDevice("bulk-1")).responseBody.map(({ moduleId }) => moduleId);
  // With a module alone it demands a callback.
  await registry.removeModule(found.deviceId, found.moduleId);
  const gone = await tried(registry.getModule("bulk-1", "camera"));
  return { again, fps: twin.properties.desired.fps, list, gone };
}

async function edge() {
  const capabilities = { iotEdge: true };
  const gateway = (await registry.create({ deviceId: "gateway", capabilities })).responseBody;
  const lower = (await registry.create({ deviceId: "lower", capabilities, parentScopes: [gateway.deviceScope] }))
    .responseBody;
  const wrong = await tried(registry.create({ deviceId: "leaf", deviceScope: "none" }));
  const content = {
    modulesContent: {
      $edgeAgent: { "properties.desired": { modules: { camera: { type: "docker" } } } },
      $edgeHub: { "properties.desired": { routes: {} } },
    },
  };
  await registry.applyConfigurationContentOnDevice("gateway", content);
  const list = (await registry.getModulesOnDevice("gateway")).responseBody.map(({ moduleId }) => moduleId);
  const agent = (await registry.getModuleTwin("gateway", "$edgeAgent")).responseBody;
  return {
    isChild: lower.parentScopes[0] === gateway.deviceScope,
    wrong,
    list,
    agent: agent.properties.desired.modules,
  };
}

async function configurations() {
  const twin = (await registry.getTwin("bulk-1")).responseBody;
  await twin.update({ tags: { site: "north" } });
  await registry.addConfiguration({
    id: "north",
    content: { deviceContent: { "properties.desired.settings": { period: 5 } } },
    targetCondition: "tags.site = 'north'",
    priority: 10,
    metrics: { queries: { targeted: "SELECT deviceId FROM devices WHERE tags.site = 'north'" } },
  });
  const counted = await until(
    () => registry.getConfiguration("north"),
    ({ systemMetrics }) => systemMetrics.results.appliedCount === 1,
  );
  const { settings } = (await registry.getTwin("bulk-1")).responseBody.properties.desired;
  await registry.updateConfiguration({ ...counted, priority: 20 });
  await registry.removeConfiguration("north");
  const gone = await tried(registry.getConfiguration("north"));
  return { metrics: counted.metrics.results, settings, gone };
}

async function queries() {
  const query = registry.createQuery("SELECT deviceId FROM devices WHERE STARTSWITH(deviceId, 'bulk')", 1);
  const ids = [];
  while (query.hasMoreResults) {
    const page = (await query.next(query.continuationToken)).result;
    assert.equal(page.length, 1);
    ids.push(page[0].deviceId);
  }
  const count = (
    await registry.createQuery("SELECT COUNT() AS n FROM devices WHERE capabilities.iotEdge = true").next()
  ).result;
  const wrong = await tried(registry.createQuery("SELECT * FROM nothing").next());
  return { ids, count, wrong };
}

async function twinJob() {
  const patch = { etag: "*", tags: { batch: 7 } };
  await jobs.scheduleTwinUpdate("job-1", "deviceId IN ['bulk-1', 'bulk-2']", patch, new Date(), 300);
  const done = await until(
    () => jobs.getJob("job-1"),
    ({ status }) => status === "completed" || status === "failed",
  );
  const { tags } = (await registry.getTwin("bulk-2")).responseBody;
  const perDevice = (await registry.createQuery("SELECT * FROM devices.jobs WHERE jobId = 'job-1'").next()).result;
  const later = new Date(Date.now() + 3_600_000);
  await jobs.scheduleTwinUpdate("job-2", "deviceId = 'bulk-1'", patch, later, 300);
  const cancelled = (await jobs.cancelJob("job-2")).jobStatus.status;
  const list = (await jobs.createQuery("scheduleUpdateTwin", "cancelled").next()).result.map(({ jobId }) => jobId);
  return {
    status: done.status,
    succeeded: done.deviceJobStatistics.succeededCount,
    batch: tags.batch,
    perDevice: perDevice.map(({ deviceId, status }) => [deviceId, status]),
    cancelled,
    list,
  };
}

async function main() {
  const result = {
    bulk: await bulk(),
    modules: await modules(),
    edge: await edge(),
    configurations: await configurations(),
    queries: await queries(),
    job: await twinJob(),
    statistics: typeof (await registry.getRegistryStatistics()).responseBody.totalDeviceCount,
  };
  await registry.removeDevices(
    ["bulk-1", "bulk-2", "gateway", "lower"].map((deviceId) => ({ deviceId })),
    true,
  );
  process.stdout.write(JSON.stringify(result));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
