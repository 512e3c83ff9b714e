"use strict";
/**
 * A service that exports the devices of a hub, deletes one and imports it again, as Microsoft's Node samples write it. Prints the
 * jobs and what is there afterwards, as JSON. Arguments: the service's connection string, the URI of a container, a device's ID.
 */
const { Registry } = require("azure-iothub");
const { ContainerClient } = require("@azure/storage-blob");

const [connectionString, containerUri, deviceId] = process.argv.slice(2);
const registry = Registry.fromConnectionString(connectionString);

async function ended({ jobId }) {
  for (;;) {
    const job = await registry.getJob(jobId);
    if (!["enqueued", "running"].includes(job.status)) return [job.type, job.status, job.progress, job.failureReason];
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function main() {
  const container = new ContainerClient(containerUri);
  const read = async (name) => (await container.getBlobClient(name).downloadToBuffer()).toString();
  const jobs = [await ended(await registry.exportDevicesToBlob(containerUri, false))];
  const lines = (await read("devices.txt")).split("\n").filter((line) => line !== "");
  const line = lines.find((each) => JSON.parse(each).id === deviceId);
  await registry.delete(deviceId);
  jobs.push(await ended(await registry.importDevicesFromBlob(containerUri, containerUri)));
  const { responseBody: device } = await registry.get(deviceId);
  const { responseBody: twin } = await registry.getTwin(deviceId);
  const refused = await registry.exportDevicesToBlob(`${containerUri}x`, false).then(
    () => "accepted",
    (error) => error.message,
  );
  console.log(
    JSON.stringify({
      jobs,
      sameKey:
        device.authentication.symmetricKey.primaryKey === JSON.parse(line).authentication.symmetricKey.primaryKey,
      tags: twin.tags,
      errors: await read("importErrors.log"),
      refused,
    }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
