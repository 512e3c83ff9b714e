"use strict";
/**
 * A device as Microsoft's Node samples write it: registers with X.509 and sends one message to the hub it is given.
 * Arguments: ID scope, registration ID, certificate file, key file, transport (Http, Mqtt, MqttWs).
 */
const { readFileSync } = require("node:fs");
const { Client, Message } = require("azure-iot-device");
const { ProvisioningDeviceClient } = require("azure-iot-provisioning-device");
const { X509Security } = require("azure-iot-security-x509");

const [idScope, registrationId, certificateFile, keyFile, transport] = process.argv.slice(2);
const provisioning = transport === "Http" ? "azure-iot-provisioning-device-http" : "azure-iot-provisioning-device-mqtt";
const telemetry = transport === "Http" ? "azure-iot-device-http" : "azure-iot-device-mqtt";

async function main() {
  const certificate = { cert: readFileSync(certificateFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  const client = ProvisioningDeviceClient.create(
    "global.azure-devices-provisioning.net",
    idScope,
    new (require(provisioning)[transport])(),
    new X509Security(registrationId, certificate),
  );
  const result = await client.register();
  const connectionString = `HostName=${result.assignedHub};DeviceId=${result.deviceId};x509=true`;
  const hubClient = Client.fromConnectionString(connectionString, require(telemetry)[transport]);
  hubClient.setOptions(certificate);
  await hubClient.open();
  const message = new Message(JSON.stringify({ temperature: 21 }));
  message.contentType = "application/json";
  message.contentEncoding = "utf-8";
  message.messageId = `from-${transport}`;
  message.properties.add("line", "a b/c");
  await hubClient.sendEvent(message);
  await hubClient.close();
  process.stdout.write(
    JSON.stringify({ assignedHub: result.assignedHub, deviceId: result.deviceId, status: result.status }),
  );
}

main().catch((error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 1;
});
