import type { ConformanceRequest, ConformanceRow } from "./conformanceRow";

const apiVersion = "2021-04-12";

const request = (method: string, path: string, body?: unknown, ifMatch?: string): ConformanceRequest => ({
  method,
  path,
  apiVersion,
  body,
  headers: ifMatch === undefined ? undefined : { "if-match": ifMatch },
});
const get = (path: string): ConformanceRequest => request("GET", path);
const putDevice = (deviceId: string, more: object = {}): ConformanceRequest =>
  request("PUT", `/devices/${deviceId}`, { deviceId, ...more });
const putModule = (moduleId: string, more: object = {}, ifMatch?: string): ConformanceRequest =>
  request("PUT", `/devices/dev-1/modules/${moduleId}`, { deviceId: "dev-1", moduleId, ...more }, ifMatch);
const failure = (status: number, name: string) => ({
  status,
  headers: { "iothub-errorcode": new RegExp(`^${name}$`) },
});

const CODES = "Azure documentation, IoT Hub error codes";
const MODULES = "azure-iot-sdk-node, e2etests/test/module_crud.js";
const CLI = "azure-iot-cli-extension, azext_iot/tests/iothub";
const EDGE = { capabilities: { iotEdge: true } };

const MODULE_ROWS: readonly ConformanceRow[] = [
  {
    name: "a module is created with keys",
    source: MODULES,
    before: [putDevice("dev-1")],
    request: putModule("camera"),
    status: 200,
    properties: {
      moduleId: /^camera$/,
      deviceId: /^dev-1$/,
      managedBy: null,
      connectionState: /^Disconnected$/,
      "authentication.type": /^sas$/,
      "authentication.symmetricKey.primaryKey": "string",
    },
  },
  {
    name: "an existing module is not created again",
    source: `${CODES}: 409301 ModuleAlreadyExistsOnDevice`,
    before: [putDevice("dev-1"), putModule("camera")],
    request: putModule("camera"),
    ...failure(409, "ModuleAlreadyExistsOnDevice"),
  },
  {
    name: "a module that does not exist",
    source: `${CODES}: 404010 ModuleNotFound`,
    before: [putDevice("dev-1")],
    request: get("/devices/dev-1/modules/none"),
    ...failure(404, "ModuleNotFound"),
  },
  {
    name: "a module of a device that does not exist",
    source: `${CODES}: 404001 DeviceNotFound`,
    request: putModule("camera"),
    ...failure(404, "DeviceNotFound"),
  },
  {
    name: "a module below a module",
    source: "azure-iot-sdk-csharp, ErrorCode: 400301 CannotRegisterModuleToModule",
    before: [putDevice("dev-1"), putModule("camera")],
    request: request("PUT", "/devices/dev-1%2Fcamera/modules/lens", { deviceId: "dev-1/camera", moduleId: "lens" }),
    status: 400,
    headers: { "iothub-errorcode": /^CannotRegisterModuleToModule$/ },
    differs: "Which request Azure refuses with this code is not on record.",
  },
  {
    name: "a module with a stale ETag",
    source: `${CODES}: 412001 PreconditionFailed`,
    before: [putDevice("dev-1"), putModule("camera")],
    request: putModule("camera", {}, '"AAAA"'),
    ...failure(412, "PreconditionFailed"),
  },
  {
    name: "the list of modules of an Edge device has its system modules",
    source: `${CLI}/modules/test_iothub_modules_int.py`,
    before: [putDevice("gateway", EDGE)],
    request: get("/devices/gateway/modules"),
    status: 200,
    properties: { "0.moduleId": /^\$edgeAgent$/, "1.moduleId": /^\$edgeHub$/, "0.managedBy": /^IotEdge$/ },
    differs: "The value of managedBy is a guess; that the two modules are there is recorded.",
  },
  {
    name: "a system module is not removed",
    source: "azure-rest-api-specs, data-plane iothub.json: SystemModuleModifyUnauthorizedAccess",
    before: [putDevice("gateway", EDGE)],
    request: request("DELETE", "/devices/gateway/modules/$edgeAgent", undefined, "*"),
    ...failure(401, "SystemModuleModifyUnauthorizedAccess"),
  },
  {
    name: "the twin of a module",
    source: "Azure documentation, Understand and use module twins in IoT Hub",
    before: [putDevice("dev-1"), putModule("camera")],
    request: get("/twins/dev-1/modules/camera"),
    status: 200,
    properties: {
      deviceId: /^dev-1$/,
      moduleId: /^camera$/,
      authenticationType: /^sas$/,
      version: 1,
      "properties.desired.$version": 1,
      capabilities: "absent",
    },
  },
  {
    name: "the twin of a module that does not exist",
    source: `${CODES}: 404010 ModuleNotFound`,
    before: [putDevice("dev-1")],
    request: get("/twins/dev-1/modules/none"),
    ...failure(404, "ModuleNotFound"),
  },
];

const IDENTITY_ROWS: readonly ConformanceRow[] = [
  {
    name: "a device of type certificateAuthority has neither keys nor thumbprints",
    source: `${CLI}/devices/test_iothub_devices_int.py`,
    request: putDevice("dev-1", { authentication: { type: "certificateAuthority" } }),
    status: 200,
    properties: {
      "authentication.type": /^certificateAuthority$/,
      "authentication.symmetricKey.primaryKey": null,
      "authentication.x509Thumbprint.primaryThumbprint": null,
    },
  },
];

/** The registry behind the service API of IoT Hub. */
export const REGISTRY_ROWS: readonly ConformanceRow[] = [...IDENTITY_ROWS, ...MODULE_ROWS];
