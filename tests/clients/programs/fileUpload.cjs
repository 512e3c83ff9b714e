"use strict";
/**
 * A device that uploads two files and a service that is notified of them, as Microsoft's Node samples write them: one file by
 * `uploadToBlob`, one by the signature and a request of the program's own. Prints what both have seen, as JSON.
 * Arguments: the device's connection string, the service's, transport (Mqtt, Amqp, Http).
 */
const { Readable } = require("node:stream");
const { Client } = require("azure-iot-device");
const { BlockBlobClient } = require("@azure/storage-blob");
const service = require("azure-iothub");

const [deviceString, serviceString, transport] = process.argv.slice(2);
const transports = {
  Mqtt: () => require("azure-iot-device-mqtt").Mqtt,
  Amqp: () => require("azure-iot-device-amqp").Amqp,
  Http: () => require("azure-iot-device-http").Http,
};

async function main() {
  const client = Client.fromConnectionString(deviceString, transports[transport]());
  const services = service.Client.fromConnectionString(serviceString);
  await services.open();
  const receiver = await new Promise((done, fail) =>
    services.getFileNotificationReceiver((error, found) => (error ? fail(error) : done(found))),
  );
  const notifications = [];
  const notified = new Promise((done, fail) => {
    receiver.on("errorReceived", fail);
    receiver.on("message", (message) => {
      notifications.push(JSON.parse(message.getData().toString()));
      receiver.complete(message, () => notifications.length === 2 && done());
    });
  });

  const text = "temperature;21\n";
  await client.uploadToBlob("telemetry.csv", Readable.from([Buffer.from(text)]), text.length);

  const access = await client.getBlobSharedAccessSignature("logs/today.txt");
  const url = `https://${access.hostName}/${access.containerName}/${access.blobName}${access.sasToken}`;
  const { _response: uploaded } = await new BlockBlobClient(url).upload("started", 7);
  await client.notifyBlobUploadStatus(access.correlationId, true, uploaded.status, "uploaded");
  const again = await client.notifyBlobUploadStatus(access.correlationId, true, 200, "again").then(
    () => "accepted",
    (error) => error.message,
  );
  await notified;
  const read = await new BlockBlobClient(url).downloadToBuffer();
  console.log(
    JSON.stringify({
      again,
      read: read.toString(),
      notifications: notifications.map(({ deviceId, blobUri, blobName, blobSizeInBytes }) => ({
        deviceId,
        blobUri,
        blobName,
        blobSizeInBytes,
      })),
    }),
  );
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
