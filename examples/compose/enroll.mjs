// Enrolls the device press-01 with a symmetric key, and writes what it needs into DEVICE_FOLDER.
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const registrationId = "press-01";
const folder = process.env.DEVICE_FOLDER ?? ".";

// The variables of the local Azure that runs: NAME=VALUE, a line each.
const printed = execFileSync("local-azure", [
  "env",
  "--shell",
  "env-file",
  "--hub",
  "plants-hub",
  "--dps",
  "plants-dps",
]);
const variables = Object.fromEntries(
  printed
    .toString()
    .trim()
    .split("\n")
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
);

/** The fields of a connection string. */
const service = Object.fromEntries(
  variables.PROVISIONING_CONNECTION_STRING.split(";").map((field) => [
    field.slice(0, field.indexOf("=")),
    field.slice(field.indexOf("=") + 1),
  ]),
);

/** A shared access signature for one hour (Azure documentation, "Control access to IoT Hub Device Provisioning Service"). */
function sharedAccessSignature({ HostName, SharedAccessKey, SharedAccessKeyName }) {
  const resource = encodeURIComponent(HostName);
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  const signature = createHmac("sha256", Buffer.from(SharedAccessKey, "base64"))
    .update(`${resource}\n${expiry}`)
    .digest("base64");
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${SharedAccessKeyName}`;
}

const url = `https://${service.HostName}/enrollments/${registrationId}?api-version=2021-10-01`;
const authorization = sharedAccessSignature(service);
const existing = await fetch(url, { headers: { authorization } });
let enrollment = await existing.json();
if (existing.status === 404) {
  const body = JSON.stringify({ registrationId, attestation: { type: "symmetricKey" } });
  const headers = { authorization, "content-type": "application/json" };
  const created = await fetch(url, { method: "PUT", headers, body });
  enrollment = await created.json();
  if (!created.ok) throw new Error(`The enrollment failed with ${created.status}: ${JSON.stringify(enrollment)}`);
}
// The keys of an enrollment are on its attestation, which has a request of its own.
const attestation = await fetch(url.replace("?", "/attestationmechanism?"), {
  method: "POST",
  headers: { authorization },
});
const { symmetricKey } = await attestation.json();
const device = {
  registrationId,
  host: variables.PROVISIONING_HOST,
  idScope: variables.PROVISIONING_IDSCOPE,
  key: symmetricKey.primaryKey,
};
writeFileSync(join(folder, "device.json"), JSON.stringify(device));
copyFileSync(variables.NODE_EXTRA_CA_CERTS, join(folder, "ca.pem"));
console.log(`${registrationId} is enrolled in ${service.HostName}`);
