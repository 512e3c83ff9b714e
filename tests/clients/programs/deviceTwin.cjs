"use strict";
/**
 * A device on azure-iot-device over MQTT and the service on azure-iothub: twin, direct method, errors.
 * Arguments: the device's connection string, the service's, the transport (Mqtt, MqttWs).
 */
const { once } = require("node:events");
const { promisify } = require("node:util");
const { Client: DeviceClient } = require("azure-iot-device");
const transports = require("azure-iot-device-mqtt");
const { Client: ServiceClient, Registry } = require("azure-iothub");

const [deviceString, serviceString, transport] = process.argv.slice(2);
const deviceId = /DeviceId=([^;]+)/.exec(deviceString)?.[1];

async function main() {
  const seen = {};
  const registry = Registry.fromConnectionString(serviceString);
  const service = ServiceClient.fromConnectionString(serviceString);
  const call = { methodName: "reboot", payload: { in: 5 }, responseTimeoutInSeconds: 15 };
  seen.offline = await service.invokeDeviceMethod(deviceId, call).catch((error) => error.responseBody);

  const device = DeviceClient.fromConnectionString(deviceString, transports[transport]);
  await device.open();
  const twin = await device.getTwin();
  const changed = once(twin, "properties.desired.interval");
  seen.version = twin.properties.desired.$version;
  await promisify(twin.properties.reported.update.bind(twin.properties.reported))({ firmware: "1.2" });
  const { responseBody } = await registry.getTwin(deviceId);
  seen.reported = [responseBody.properties.reported.firmware, responseBody.connectionState];
  await registry.updateTwin(deviceId, { properties: { desired: { interval: 7 } } }, "*");
  seen.desired = (await changed)[0];

  await new Promise((done) => {
    device.onDeviceMethod("reboot", (request, response) =>
      response.send(202, { echo: request.payload }, () => undefined),
    );
    setImmediate(done);
  });
  const connecting = { ...call, connectTimeoutInSeconds: 15 };
  seen.method = (await service.invokeDeviceMethod(deviceId, connecting)).result;
  await device.close();
  process.stdout.write(JSON.stringify(seen));
}

main().then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
