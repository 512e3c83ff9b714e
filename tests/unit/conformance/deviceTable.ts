import { createSas } from "../../../azure/sas";
import { HUB_HOST, keyOf } from "../../cast/dataPlane";
import type { ConformanceRequest, ConformanceRow } from "./conformanceRow";

const RECORDINGS = "azure-sdk-for-python, azure-iot-deviceprovisioning, tests/recordings/test_device_registration*";
const DEVICE_SPECIFICATION = "2021-10-01 device.json";
const AUTHENTICATION = "azure-iot-sdk-node, e2etests/test/authentication.js";

/** Later than any clock of the tests. */
const EXPIRY = 4_102_444_800;
const ID_SCOPE = "0ne00000001";
const keys = { primaryKey: keyOf("device"), secondaryKey: keyOf("device-2") };
const OTHER_KEY = keyOf("other");
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/;

const dpsVersion = "2021-10-01";
const enrollment = (more: object = {}): ConformanceRequest => ({
  method: "PUT",
  path: "/enrollments/dev-1",
  apiVersion: dpsVersion,
  body: { registrationId: "dev-1", attestation: { type: "symmetricKey", symmetricKey: keys }, ...more },
});
const dpsSas = (key = keys.primaryKey, expiry = EXPIRY) =>
  createSas(`${ID_SCOPE}/registrations/dev-1`, key, expiry, "registration");
const registration = (
  method: string,
  rest: string,
  authorization: string | undefined = dpsSas(),
): ConformanceRequest => ({
  method,
  path: `/${ID_SCOPE}/registrations/dev-1${rest}`,
  apiVersion: dpsVersion,
  headers: { authorization },
  ...(method !== "GET" && { body: { registrationId: "dev-1" } }),
});
const register = (authorization?: string) => registration("PUT", "/register", authorization);

/** The device API of DPS. */
export const DPS_DEVICE_ROWS: readonly ConformanceRow[] = [
  {
    name: "a registration is accepted",
    source: `${DEVICE_SPECIFICATION}: RuntimeRegistration_RegisterDevice; ${RECORDINGS}`,
    before: [enrollment()],
    request: register(),
    status: 202,
    properties: { operationId: "string", status: /^assigning$/ },
    headers: { "retry-after": /^\d+$/, location: /\/registrations\/dev-1\/register$/ },
  },
  {
    name: "an operation has the registration, once it is complete",
    source: `${DEVICE_SPECIFICATION}: RuntimeRegistration_OperationStatusLookup; ${RECORDINGS}`,
    before: [enrollment(), register()],
    request: (earlier) => registration("GET", `/operations/${earlier("").operationId}`),
    status: 200,
    properties: {
      status: /^assigned$/,
      "registrationState.registrationId": /^dev-1$/,
      "registrationState.assignedHub": /^hub-1\.azure-devices\.net$/,
      "registrationState.deviceId": /^dev-1$/,
      "registrationState.status": /^assigned$/,
      "registrationState.substatus": /^initialAssignment$/,
      "registrationState.createdDateTimeUtc": TIME,
      "registrationState.lastUpdatedDateTimeUtc": TIME,
      "registrationState.etag": /^Ij/,
      "registrationState.symmetricKey": "object",
    },
  },
  {
    name: "the policy static without hubs assigns a device to a linked hub",
    source: RECORDINGS,
    before: [enrollment({ allocationPolicy: "static" }), register()],
    request: registration("POST", ""),
    status: 200,
    properties: { status: /^assigned$/, assignedHub: /^hub-1\.azure-devices\.net$/ },
  },
  {
    name: "the service's view of a registration has no key",
    source: RECORDINGS,
    before: [enrollment(), register()],
    request: { method: "GET", path: "/registrations/dev-1", apiVersion: dpsVersion },
    status: 200,
    properties: { registrationId: /^dev-1$/, status: /^assigned$/, symmetricKey: "absent", etag: /^Ij/ },
  },
  {
    name: "the enrollment of a registered device has its registration, without a key",
    source: RECORDINGS,
    before: [enrollment(), register()],
    request: { method: "GET", path: "/enrollments/dev-1", apiVersion: dpsVersion },
    status: 200,
    properties: {
      "registrationState.status": /^assigned$/,
      "registrationState.symmetricKey": "absent",
      "registrationState.deviceId": /^dev-1$/,
      etag: /^Ij[A-Za-z0-9+/]{49}=$/,
    },
  },
  {
    name: "a device asks for its registration",
    source: `${DEVICE_SPECIFICATION}: RuntimeRegistration_DeviceRegistrationStatusLookup`,
    before: [enrollment(), register()],
    request: registration("POST", ""),
    status: 200,
    properties: { registrationId: /^dev-1$/, status: /^assigned$/, deviceId: /^dev-1$/ },
  },
  {
    name: "a device that never registered asks for its registration",
    source: "guess",
    before: [enrollment()],
    request: registration("POST", ""),
    status: 404,
    code: 404202,
    differs: "No response of Azure is on record: the code is that of the service API.",
  },
  {
    name: "a disabled enrollment registers no device",
    source: "Azure documentation, How to disenroll a device",
    before: [enrollment({ provisioningStatus: "disabled" })],
    request: register(),
    status: 200,
    properties: { status: /^disabled$/, "registrationState.status": /^disabled$/ },
    differs: "The outcome is documented. That the response to the registration has it at once is a guess.",
  },
  {
    name: "a registration with another key",
    source: "azure-iot-sdk-python and -node report 401002",
    before: [enrollment()],
    request: register(dpsSas(OTHER_KEY)),
    status: 401,
    code: 401002,
    properties: { trackingId: "string", message: /^Unauthorized$/, timestampUtc: TIME },
    headers: { "x-ms-error-code": /^401002$/ },
  },
  {
    name: "a registration with an expired signature",
    source: "azure-iot-sdk-python and -node report 401002",
    before: [enrollment()],
    request: register(dpsSas(keys.primaryKey, 1)),
    status: 401,
    code: 401002,
  },
  {
    name: "a registration of a device without an enrollment, by a symmetric key",
    source: "guess",
    request: register(),
    status: 404,
    code: 404201,
    differs: "No response of Azure is on record for a symmetric key: it may be 401002, as for a certificate.",
  },
  {
    name: "a registration of a device without an enrollment, with an expired signature",
    source: "guess: what no device could have sent tells nothing about enrollments",
    request: register(dpsSas(keys.primaryKey, 1)),
    status: 401,
    code: 401002,
    differs: "Which of the two Azure checks first is not on record.",
  },
  {
    name: "a registration in an ID scope that does not exist",
    source: "guess",
    before: [enrollment()],
    request: { ...register(), path: "/0ne99999999/registrations/dev-1/register" },
    status: 404,
    code: 404201,
    differs: "No response of Azure is on record.",
  },
  {
    name: "an operation that does not exist",
    source: "guess",
    before: [enrollment(), register()],
    request: registration("GET", "/operations/none"),
    status: 404,
    code: 404202,
    differs: "No response of Azure is on record: the code is that of the service API.",
  },
  {
    name: "a registration whose body names another device",
    source: "guess",
    before: [enrollment()],
    request: { ...register(), body: { registrationId: "dev-2" } },
    status: 400,
    code: 400004,
    differs: "No response of Azure is on record.",
  },
];

const hubVersion = "2021-04-12";
const DEVICE: ConformanceRequest = {
  method: "PUT",
  path: "/devices/dev-1",
  apiVersion: hubVersion,
  body: { deviceId: "dev-1", authentication: { type: "sas", symmetricKey: keys } },
};
const DISABLED = { ...DEVICE, body: { ...(DEVICE.body as object), status: "disabled" } };
const hubSas = (id: string, key = keys.primaryKey, expiry = EXPIRY) =>
  createSas(`${HUB_HOST}/devices/${id}`, key, expiry);
const send = (authorization: string, id = "dev-1", body = "{}"): ConformanceRequest => ({
  method: "POST",
  path: `/devices/${id}/messages/events`,
  apiVersion: hubVersion,
  headers: { authorization },
  body,
});
const unauthorized = {
  status: 401,
  properties: { Message: /^ErrorCode:IotHubUnauthorizedAccess;Unauthorized$/, ExceptionMessage: /^Tracking ID:/ },
  headers: { "iothub-errorcode": /^IotHubUnauthorizedAccess$/ },
} as const;
const twins = (method: string, body?: unknown, id = "dev-1"): ConformanceRequest => ({
  method,
  path: `/twins/${id}`,
  apiVersion: hubVersion,
  body,
});

/** The device API of IoT Hub, and the twins that devices and services share. */
export const HUB_DEVICE_ROWS: readonly ConformanceRow[] = [
  {
    name: "telemetry is accepted",
    source: "Azure REST API, Device – Send Device Event",
    before: [DEVICE],
    request: send(hubSas("dev-1")),
    status: 204,
    properties: { "": { is: "" } },
  },
  {
    name: "telemetry with the secondary key",
    source: `${AUTHENTICATION}`,
    before: [DEVICE],
    request: send(hubSas("dev-1", keys.secondaryKey)),
    status: 204,
  },
  {
    name: "telemetry with another key",
    source: `${AUTHENTICATION}; azure-iot-sdk-csharp#1070`,
    before: [DEVICE],
    request: send(hubSas("dev-1", OTHER_KEY)),
    ...unauthorized,
  },
  {
    name: "telemetry with an expired signature",
    source: "azure-iot-sdk-node, e2etests/test/sas_token_tests.js",
    before: [DEVICE],
    request: send(hubSas("dev-1", keys.primaryKey, 1)),
    ...unauthorized,
  },
  {
    name: "telemetry for another device than the signature's",
    source: "Azure documentation, Control access to IoT Hub with shared access signatures",
    before: [DEVICE],
    request: send(hubSas("dev-2")),
    ...unauthorized,
  },
  {
    name: "telemetry with what is no signature",
    source: "Azure documentation, Control access to IoT Hub with shared access signatures",
    before: [DEVICE],
    request: send("SharedAccessSignature x"),
    ...unauthorized,
  },
  {
    name: "telemetry of a disabled device",
    source: "azure-iot-sdk-node, e2etests: a disabled device is unauthorized",
    before: [DISABLED],
    request: send(hubSas("dev-1")),
    ...unauthorized,
  },
  {
    name: "telemetry of a device that does not exist",
    source: `${AUTHENTICATION}: over HTTP the device is not found; over MQTT and AMQP it is unauthorized`,
    request: send(hubSas("none"), "none"),
    status: 404,
    properties: { Message: /^ErrorCode:DeviceNotFound;none$/ },
    headers: { "iothub-errorcode": /^DeviceNotFound$/ },
  },
  ...(
    [
      ["what is no signature", "SharedAccessSignature x"],
      ["an expired signature", hubSas("none", keys.primaryKey, 1)],
      ["a signature for another device", hubSas("dev-1")],
    ] as const
  ).map(
    ([what, authorization]): ConformanceRow => ({
      name: `telemetry of a device that does not exist, with ${what}`,
      source: "guess: what no device could have sent tells nothing about devices",
      request: send(authorization, "none"),
      ...unauthorized,
      differs: "Which of the two Azure checks first is not on record.",
    }),
  ),
  {
    name: "telemetry of more than 256 KB",
    source: "Azure documentation, IoT Hub quotas and throttling; IoT Hub error codes: 413001",
    before: [DEVICE],
    request: send(hubSas("dev-1"), "dev-1", "x".repeat(256 * 1024 + 1)),
    status: 413,
    headers: { "iothub-errorcode": /^MessageTooLarge$/ },
  },
  {
    name: "a message to the device under a lock of more than 300 seconds",
    source: "guess: the longest lock of feedback",
    before: [DEVICE],
    request: {
      method: "GET",
      path: "/devices/dev-1/messages/deviceBound",
      query: "messageLockTimeout=301",
      apiVersion: hubVersion,
      headers: { authorization: hubSas("dev-1") },
    },
    status: 400,
    headers: { "iothub-errorcode": /^ArgumentInvalid$/ },
    differs: "The longest messageLockTimeout is not documented.",
  },
  {
    name: "the twin of a device",
    source: "Azure REST API, Devices – Get Twin; azure-iot-sdk-node, e2etests/test/twin_e2e_tests.js",
    before: [DEVICE],
    request: twins("GET"),
    status: 200,
    properties: {
      deviceId: /^dev-1$/,
      etag: "string",
      deviceEtag: "string",
      status: /^enabled$/,
      connectionState: /^Disconnected$/,
      authenticationType: /^sas$/,
      cloudToDeviceMessageCount: 0,
      version: 1,
      tags: "absent",
      "properties.desired.$version": 1,
      "properties.reported.$version": 1,
      "capabilities.iotEdge": false,
    },
    headers: { etag: /^"[A-Za-z0-9+/=]+"$/ },
  },
  {
    name: "the twin of a device that does not exist",
    source: "Azure documentation, IoT Hub error codes: 404001 DeviceNotFound",
    request: twins("GET", undefined, "none"),
    status: 404,
    headers: { "iothub-errorcode": /^DeviceNotFound$/ },
  },
  {
    name: "null removes a member of a twin",
    source: "Azure documentation, Understand device twins – Back-end operations",
    before: [DEVICE, twins("PATCH", { tags: { site: "a", line: { number: 1, name: "b" } } })],
    request: twins("PATCH", { tags: { site: null, line: { name: null } } }),
    status: 200,
    properties: { tags: { is: { line: { number: 1 } } }, version: 3 },
  },
  {
    name: "PUT of a twin replaces tags and desired properties",
    source: "Azure REST API, Devices – Replace Twin",
    before: [DEVICE, twins("PATCH", { tags: { a: 1 }, properties: { desired: { b: 1 } } })],
    request: twins("PUT", { properties: { desired: { c: 1 } } }),
    status: 200,
    properties: { tags: "absent", "properties.desired.b": "absent", "properties.desired.c": 1 },
  },
  {
    name: "a twin with a stale ETag",
    source: "Azure documentation, IoT Hub error codes: 412001 PreconditionFailed",
    before: [DEVICE],
    request: { ...twins("PATCH", { tags: { a: 1 } }), headers: { "if-match": '"AAAAAAAAAAk="' } },
    status: 412,
    headers: { "iothub-errorcode": /^PreconditionFailed$/ },
  },
  ...Object.entries({
    "a dot in a name": { tags: { "a.b": 1 } },
    "tags of more than 8 KB": { tags: { a: "x".repeat(4096), b: "x".repeat(4096) } },
    "a text of more than 4 KB": { properties: { desired: { a: "x".repeat(4097) } } },
    "eleven levels": { properties: { desired: JSON.parse(`${'{"a":'.repeat(12)}1${"}".repeat(12)}`) as object } },
  }).map(
    ([what, body]): ConformanceRow => ({
      name: `a twin with ${what}`,
      source: "Azure documentation, Understand device twins – Tags and properties format, Device twin size",
      before: [DEVICE],
      request: twins("PATCH", body),
      status: 400,
      headers: { "iothub-errorcode": /^ArgumentInvalid$/ },
    }),
  ),
];
