"use strict";
/** Reads a device of a hub with azure-iothub's Registry. Arguments: connection string, device ID. */
const { Registry } = require("azure-iothub");

const [connectionString, deviceId] = process.argv.slice(2);

Registry.fromConnectionString(connectionString)
  .get(deviceId)
  .then(({ responseBody }) => {
    const { status, authentication } = responseBody;
    process.stdout.write(JSON.stringify({ deviceId: responseBody.deviceId, status, type: authentication.type }));
  })
  .catch((error) => {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    process.exitCode = 1;
  });
