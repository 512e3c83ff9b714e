"use strict";
/**
 * A device that a hub authenticates by its certificate sends one message. Arguments: hub, device ID, certificate file, key file, transport
 * (Http, Mqtt, MqttWs).
 */
const { readFileSync } = require("node:fs");
const { Client, Message } = require("azure-iot-device");

const [hub, deviceId, certificateFile, keyFile, transport] = process.argv.slice(2);
const transports = require(transport === "Http" ? "azure-iot-device-http" : "azure-iot-device-mqtt");

async function main() {
  const client = Client.fromConnectionString(`HostName=${hub};DeviceId=${deviceId};x509=true`, transports[transport]);
  client.setOptions({ cert: readFileSync(certificateFile, "utf8"), key: readFileSync(keyFile, "utf8") });
  await client.open();
  await client.sendEvent(new Message(`over ${transport}`));
  await client.close();
  process.stdout.write(JSON.stringify({ sent: transport }));
}

main().catch((error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exit(1);
});
