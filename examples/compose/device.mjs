// A device: registers with its symmetric key over HTTPS, and sends telemetry to the hub that it is assigned to.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const file = join(process.env.DEVICE_FOLDER ?? ".", "device.json");
const { registrationId, host, idScope, key } = JSON.parse(readFileSync(file, "utf8"));

/** A shared access signature for one hour (Azure documentation, "Symmetric key attestation"). */
function sharedAccessSignature(resource, policy) {
  const sr = encodeURIComponent(resource);
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(`${sr}\n${expiry}`).digest("base64");
  const skn = policy === undefined ? "" : `&skn=${policy}`;
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(signature)}&se=${expiry}${skn}`;
}

/** A request; returns the parsed response. */
async function send(method, url, authorization, body) {
  const headers = { authorization, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

const registration = `https://${host}/${idScope}/registrations/${registrationId}`;
const version = "api-version=2021-06-01";
const signature = sharedAccessSignature(`${idScope}/registrations/${registrationId}`, "registration");
let operation = await send("PUT", `${registration}/register?${version}`, signature, { registrationId });
while (operation.status === "assigning") {
  await pause(500);
  operation = await send("GET", `${registration}/operations/${operation.operationId}?${version}`, signature);
}
if (operation.status !== "assigned") throw new Error(`The registration ended as ${JSON.stringify(operation)}`);

const { assignedHub, deviceId } = operation.registrationState;
const resource = `${assignedHub}/devices/${deviceId}`;
const events = `https://${resource}/messages/events?api-version=2020-03-13`;
await send("POST", events, sharedAccessSignature(resource), { temperature: 21 });
console.log(`${deviceId} is assigned to ${assignedHub} and has sent telemetry`);
