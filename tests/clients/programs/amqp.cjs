"use strict";
/**
 * A device and a service over AMQP, as Microsoft's Node samples write them: the device registers with X.509, sends a message, reads
 * and changes its twin, and takes a direct method and a message that the service sends. Prints what both have seen, as JSON.
 * Arguments: ID scope, registration ID, certificate file, key file, transport (Amqp, AmqpWs), the hub's connection string.
 */
const { readFileSync } = require("node:fs");
const { Client, Message } = require("azure-iot-device");
const device = require("azure-iot-device-amqp");
const { ProvisioningDeviceClient } = require("azure-iot-provisioning-device");
const provisioning = require("azure-iot-provisioning-device-amqp");
const { X509Security } = require("azure-iot-security-x509");
const service = require("azure-iothub");

const [idScope, registrationId, certificateFile, keyFile, transport, connectionString] = process.argv.slice(2);

/** The C2D message reaches the device, and its outcome the service. */
async function sendMessage(client, services, seen) {
  // Without a listener, the SDK detaches its link.
  const received = new Promise((done) => client.on("message", done));
  const { result: receiver } = await services.getFeedbackReceiver();
  const feedback = new Promise((done) => receiver.on("message", done));
  const message = new Message("restart");
  message.ack = "full";
  message.messageId = "m-1";
  message.properties.add("line", "a b/c");
  await services.send(registrationId, message);
  const got = await received;
  seen.message = { id: got.messageId, body: got.getData().toString(), line: got.properties.getValue("line") };
  await client.complete(got);
  const outcome = await feedback;
  const [{ originalMessageId, statusCode, deviceId }] = JSON.parse(outcome.getData().toString());
  await receiver.complete(outcome);
  seen.feedback = { originalMessageId, statusCode, deviceId };
}

async function main() {
  const certificate = { cert: readFileSync(certificateFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  const registration = ProvisioningDeviceClient.create(
    "global.azure-devices-provisioning.net",
    idScope,
    new provisioning[transport](),
    new X509Security(registrationId, certificate),
  );
  const { assignedHub, deviceId, status } = await registration.register();
  const seen = { assignedHub, deviceId, status };

  const client = Client.fromConnectionString(
    `HostName=${assignedHub};DeviceId=${deviceId};x509=true`,
    device[transport],
  );
  client.setOptions(certificate);
  await client.open();
  const message = new Message(JSON.stringify({ temperature: 21 }));
  message.contentType = "application/json";
  message.contentEncoding = "utf-8";
  message.messageId = `from-${transport}`;
  message.properties.add("line", "a b/c");
  await client.sendEvent(message);

  const twin = await client.getTwin();
  const desired = new Promise((done) => {
    twin.on("properties.desired", (patch) => patch.interval === 5 && done(patch));
  });
  await new Promise((done, fail) =>
    twin.properties.reported.update({ firmware: "1.2" }, (error) => (error ? fail(error) : done())),
  );
  const registry = service.Registry.fromConnectionString(connectionString);
  await registry.updateTwin(deviceId, { properties: { desired: { interval: 5 } } }, "*");
  seen.desired = (await desired).interval;
  seen.reported = (await registry.getTwin(deviceId)).responseBody.properties.reported.firmware;

  client.onDeviceMethod("restart", (request, response) => response.send(202, { delay: request.payload.delay }));
  const services = service.Client.fromConnectionString(connectionString, service[transport]);
  await services.open();
  const call = {
    methodName: "restart",
    payload: { delay: 3 },
    responseTimeoutInSeconds: 20,
    connectTimeoutInSeconds: 20,
  };
  const { result } = await services.invokeDeviceMethod(deviceId, call);
  seen.method = { status: result.status, payload: result.payload };

  await sendMessage(client, services, seen);
  seen.connected = (await registry.getTwin(deviceId)).responseBody.connectionState;
  await services.close();
  await client.close();
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
