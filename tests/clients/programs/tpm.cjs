"use strict";
/**
 * A device with a TPM: prints its endorsement key, or registers with DPS and sends telemetry with the key that the TPM got.
 * Arguments: port of a TPM simulator, then `key`, or the ID scope, the registration ID and the transport (Http, Amqp, AmqpWs).
 */
const { Client, Message } = require("azure-iot-device");
const { Http: Hub } = require("azure-iot-device-http");
const { ProvisioningDeviceClient } = require("azure-iot-provisioning-device");
const amqp = require("azure-iot-provisioning-device-amqp");
const { Http } = require("azure-iot-provisioning-device-http");
const { TpmAuthenticationProvider, TpmSecurityClient } = require("azure-iot-security-tpm");
const { Tpm } = require("tss.js");

const [port, idScope, registrationId, transport = "Http"] = process.argv.slice(2);

const promised = (call) =>
  new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));

async function main() {
  const security = new TpmSecurityClient(registrationId, new Tpm(true, "127.0.0.1", Number(port)));
  if (idScope === "key") {
    const key = await promised((done) => security.getEndorsementKey(done));
    process.stdout.write(key.toString("base64"));
    return;
  }
  const host = "global.azure-devices-provisioning.net";
  const protocol = new { Http, ...amqp }[transport]();
  const result = await ProvisioningDeviceClient.create(host, idScope, protocol, security).register();
  const { assignedHub, deviceId, status } = result.registrationState ?? result;
  const provider = TpmAuthenticationProvider.fromTpmSecurityClient(deviceId, assignedHub, security);
  const client = Client.fromAuthenticationProvider(provider, Hub);
  await client.open();
  const message = new Message(JSON.stringify({ temperature: 21 }));
  Object.assign(message, { messageId: "from-tpm", contentType: "application/json", contentEncoding: "utf-8" });
  await client.sendEvent(message);
  await client.close();
  process.stdout.write(JSON.stringify({ assignedHub, deviceId, status }));
}

main().then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    process.exit(1);
  },
);
