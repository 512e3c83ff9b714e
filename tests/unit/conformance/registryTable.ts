import { REGISTRY_VERSION_ROWS } from "./apiVersionTable";
import type { ConformanceRequest, ConformanceRow } from "./conformanceRow";
import { ENTRA, failure, get, putDevice, putModule, request } from "./serviceRequests";

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
    name: "a module of a device that does not exist, by a token of Entra ID",
    source: `${CODES}: 404001 DeviceNotFound`,
    request: { ...putModule("camera"), headers: ENTRA },
    ...failure(404, "DeviceNotFound"),
  },
  {
    name: "a module below a module",
    source: "azure-iot-sdk-csharp, ErrorCode: 400301 CannotRegisterModuleToModule",
    before: [putDevice("dev-1"), putModule("camera")],
    request: {
      ...request("PUT", "/devices/dev-1%2Fcamera/modules/lens", { deviceId: "dev-1/camera", moduleId: "lens" }),
      headers: ENTRA,
    },
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
    source: `${CLI}/modules/test_iothub_modules_int.py; managedBy: mwalser/terraform-provider-iothub, CONCEPT.md, Appendix D`,
    before: [putDevice("gateway", EDGE)],
    request: get("/devices/gateway/modules"),
    status: 200,
    properties: { "0.moduleId": /^\$edgeAgent$/, "1.moduleId": /^\$edgeHub$/, "0.managedBy": /^iotEdge$/ },
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
  {
    name: "a device below an Edge device that does not exist",
    source: "azure-iot-sdk-node, registry.js: a scope that is no Edge device's is refused",
    request: putDevice("dev-1", { deviceScope: "ms-azure-iot-edge://none-1" }),
    ...failure(400, "InvalidDeviceScope"),
    differs: "That it is refused is recorded; the name of the error is a guess.",
  },
  {
    name: "an Edge device below another has its parent's scope beside its own",
    source: `${CLI}/devices/test_iothub_nested_edge_int.py`,
    before: [putDevice("gateway", EDGE)],
    request: (earlier) => putDevice("lower", { ...EDGE, parentScopes: [earlier("").deviceScope] }),
    status: 200,
    properties: {
      deviceScope: /^ms-azure-iot-edge:\/\/lower-\d+$/,
      "parentScopes.0": /^ms-azure-iot-edge:\/\/gateway-\d+$/,
    },
  },
];

const BULK_ROWS: readonly ConformanceRow[] = [
  {
    name: "a bulk operation without errors",
    source:
      "azure-iot-sdk-node, registry.js; azure-rest-api-specs, data-plane iothub.json: BulkRegistryOperationResult",
    request: request("POST", "/devices", [{ id: "dev-1", importMode: "create" }]),
    status: 200,
    properties: { isSuccessful: true, errors: { is: [] }, warnings: { is: [] } },
  },
  {
    name: "a bulk operation of which a device is refused",
    source: "amenzhinsky/iothub, iotservice: TestBulkErrors, which ran against the live service",
    before: [putDevice("dev-1")],
    request: request("POST", "/devices", [
      { id: "dev-1", importMode: "create" },
      { id: "dev-2", importMode: "create" },
    ]),
    status: 400,
    properties: {
      isSuccessful: false,
      "errors.0.deviceId": /^dev-1$/,
      "errors.0.errorCode": 409001,
      "errors.0.errorStatus": "string",
      "errors.1": "absent",
    },
  },
  {
    name: "a bulk operation by ETag without one",
    source: "amenzhinsky/iothub, iotservice: TestBulkOperations, which ran against the live service",
    before: [putDevice("dev-1")],
    request: request("POST", "/devices", [{ id: "dev-1", importMode: "DeleteIfMatchETag" }]),
    status: 200,
    properties: { isSuccessful: true },
  },
  {
    name: "a bulk operation with a stale ETag of a twin keeps the identity as it was",
    source: "Azure documentation, Manage your IoT Hub device identities in bulk",
    before: [putDevice("dev-1")],
    request: request("POST", "/devices", [
      { id: "dev-1", importMode: "update", status: "disabled", tags: { a: 1 }, twinETag: "AAAA" },
    ]),
    status: 400,
    properties: { "errors.0.errorCode": 412001 },
    differs: "Azure processes the twin independently of the identity: it may change the identity alone.",
  },
  {
    name: "a bulk operation on 101 devices",
    source: `${CODES}: 413002 TooManyDevices`,
    request: request(
      "POST",
      "/devices",
      Array.from({ length: 101 }, (_, n) => ({ id: `dev-${n}` })),
    ),
    ...failure(413, "TooManyDevices"),
  },
  {
    name: "a bulk operation with a device twice",
    source: "azure-iot-sdk-csharp, ErrorCode: 400011 DeviceDefinedMultipleTimes",
    request: request("POST", "/devices", [{ id: "dev-1" }, { id: "dev-1" }]),
    ...failure(400, "DeviceDefinedMultipleTimes"),
  },
  {
    name: "keys are regenerated",
    source: "azure-iot-cli-extension 0.25, azext_iot/sdk/iothub/service",
    before: [putDevice("dev-1")],
    request: request("POST", "/devices/keys/regenerate", { policyKey: "primaryKey", devices: [{ id: "dev-1" }] }),
    status: 200,
    properties: {
      policyKey: /^primaryKey$/,
      "rotatedKeys.0.id": /^dev-1$/,
      "rotatedKeys.0.primaryKey": "string",
      "rotatedKeys.0.secondaryKey": null,
      errors: { is: [] },
    },
  },
  {
    name: "keys are regenerated, of which a device is refused",
    source: "azure-iot-cli-extension 0.25, azext_iot/sdk/iothub/service: 200, 207 and 400",
    before: [putDevice("dev-1")],
    request: request("POST", "/devices/keys/regenerate", {
      policyKey: "both",
      devices: [{ id: "dev-1" }, { id: "none" }],
    }),
    status: 207,
    properties: { "rotatedKeys.0.id": /^dev-1$/, "errors.0.id": /^none$/, "errors.0.errorCode": 404001 },
    differs: "Which of the statuses Azure returns when is not on record.",
  },
  {
    name: "the service's statistics",
    source: "Azure REST API, Statistics – Get Service Statistics",
    request: get("/statistics/service"),
    status: 200,
    properties: { connectedDeviceCount: 0 },
  },
];

/** What the Java SDK sends: its HTTP client knows no PATCH, and its words begin with capitals. */
const JAVA_ROWS: readonly ConformanceRow[] = [
  {
    name: "a twin is changed by POST with X-HTTP-Method-Override",
    source: "azure-iot-sdk-java, com.microsoft.azure.sdk.iot.service.transport.http.HttpRequest",
    before: [putDevice("dev-1")],
    request: {
      ...request("POST", "/twins/dev-1", { tags: { site: "a" } }),
      headers: { "x-http-method-override": "PATCH" },
    },
    status: 200,
    properties: { "tags.site": /^a$/ },
  },
  {
    name: "a device whose status begins with a capital",
    source: "azure-iot-sdk-java, com.microsoft.azure.sdk.iot.service.registry.DeviceStatus",
    request: putDevice("dev-1", { status: "Disabled", authentication: { type: "SAS" } }),
    status: 200,
    properties: { status: /^disabled$/, "authentication.type": /^sas$/ },
  },
];

const query = (text: string): ConformanceRequest => request("POST", "/devices/query", { query: text });
const TAGGED = [putDevice("dev-1"), request("PATCH", "/twins/dev-1", { tags: { site: "a", floor: 2 } })];
const LANGUAGE = "Azure documentation, IoT Hub query language for device and module twins, jobs, and message routing";

const QUERY_ROWS: readonly ConformanceRow[] = [
  {
    name: "a query of twins with a condition",
    source: "Azure documentation, Queries for IoT Hub device and module twins",
    before: TAGGED,
    request: query("SELECT * FROM devices WHERE tags.site = 'a' AND tags.floor >= 2"),
    status: 200,
    properties: { "0.deviceId": /^dev-1$/ },
    headers: { "x-ms-item-type": /^Twin$/ },
  },
  {
    name: "a projection names the service's members in their own letter case",
    source: "Azure documentation, Queries for IoT Hub device and module twins",
    before: TAGGED,
    request: query("SELECT DeviceId, LastActivityTime FROM devices"),
    status: 200,
    properties: { "0.deviceId": /^dev-1$/, "0.lastActivityTime": "string", "0.tags": "absent" },
    headers: { "x-ms-item-type": /^Raw$/ },
  },
  {
    name: "a count of devices",
    source: "Azure documentation, Queries for IoT Hub device and module twins",
    before: TAGGED,
    request: query("SELECT COUNT() AS totalNumber FROM devices"),
    status: 200,
    properties: { "0.totalNumber": 1 },
  },
  {
    name: "a count of devices without an alias",
    source: "guess",
    before: TAGGED,
    request: query("SELECT COUNT() FROM devices"),
    status: 200,
    properties: { "0.$1": 1 },
    differs: "How Azure names a member without an alias is not documented: Cosmos DB calls it $1.",
  },
  {
    name: "a comparison with a property that does not exist is neither true nor false",
    source: LANGUAGE,
    before: TAGGED,
    request: query("SELECT * FROM devices WHERE NOT tags.missing = 1 OR tags.missing != 1"),
    status: 200,
    properties: { "0": "absent" },
    differs:
      "The documentation says that undefined counts as false, and not what NOT and != make of it: as in Cosmos DB is a guess.",
  },
  {
    name: "a query of the children of an Edge device, as az sends it",
    source: "azure-iot-cli-extension, azext_iot/operations/hub.py",
    before: [putDevice("gateway", EDGE)],
    request: query("select deviceId from devices where array_contains(parentScopes, 'x')"),
    status: 200,
    properties: { "0": "absent" },
  },
  {
    name: "a query of modules of a device",
    source: `${CLI}/modules/test_iothub_modules_int.py`,
    before: [putDevice("gateway", EDGE)],
    request: query("select * from devices.modules where devices.deviceId='gateway'"),
    status: 200,
    properties: { "0.moduleId": /^\$edgeAgent$/, "1.moduleId": /^\$edgeHub$/ },
    headers: { "x-ms-item-type": /^Twin$/ },
  },
  ...(
    [
      ["ORDER BY", "SELECT * FROM devices ORDER BY deviceId"],
      ["a function that does not exist", "SELECT * FROM devices WHERE foo(deviceId)"],
      ["another collection", "SELECT * FROM things"],
    ] as const
  ).map(
    ([what, text]): ConformanceRow => ({
      name: `a query with ${what}`,
      source: LANGUAGE,
      request: query(text),
      ...failure(400, "ArgumentInvalid"),
      differs: "The documentation excludes it; the name of the error is a guess.",
    }),
  ),
  {
    name: "a projection of jobs",
    source: "Azure documentation, Queries for IoT Hub jobs – Jobs query limitations",
    request: query("SELECT jobId FROM devices.jobs"),
    ...failure(400, "ArgumentInvalid"),
    differs: "The documentation excludes it; the name of the error is a guess.",
  },
];

const JOB = {
  type: "scheduleUpdateTwin",
  queryCondition: "deviceId = 'dev-1'",
  updateTwin: { etag: "*", tags: { a: 1 } },
  maxExecutionTimeInSeconds: 60,
};
const JOBS = "azure-iot-sdk-node, e2etests/test/job_client.js";
const CLI_JOBS = `${CLI}/jobs/test_iothub_jobs_int.py`;
const LATER = { startTime: "2026-03-02T12:00:00Z" };
const putJob = (more: object = {}): ConformanceRequest => request("PUT", "/jobs/v2/job-1", { ...JOB, ...more });

const JOB_ROWS: readonly ConformanceRow[] = [
  {
    name: "a job is queued when it is created",
    source: JOBS,
    request: putJob(LATER),
    status: 200,
    properties: { status: /^queued$/, type: /^scheduleUpdateTwin$/, jobId: /^job-1$/, "updateTwin.etag": /^\*$/ },
  },
  {
    name: "a job of the future is scheduled",
    source: CLI_JOBS,
    before: [putJob(LATER)],
    request: get("/jobs/v2/job-1"),
    status: 200,
    properties: { status: /^scheduled$/, "deviceJobStatistics.deviceCount": 0 },
  },
  {
    name: "a job is cancelled",
    source: CLI_JOBS,
    before: [putJob(LATER)],
    request: request("POST", "/jobs/v2/job-1/cancel"),
    status: 200,
    properties: { status: /^cancelled$/ },
  },
  {
    name: "a job without a condition",
    source: CLI_JOBS,
    request: putJob({ queryCondition: undefined }),
    ...failure(400, "ArgumentInvalid"),
    differs: "That it is refused is recorded; the name of the error is a guess.",
  },
  {
    name: "a job with the ID of another",
    source: "azure-rest-api-specs, data-plane iothub.json: JobAlreadyExists",
    before: [putJob(LATER)],
    request: putJob(),
    ...failure(409, "JobAlreadyExists"),
  },
  {
    name: "jobs by type and status",
    source: "amenzhinsky/iothub, iotservice: TestScheduleMethodCall, which ran against the live service",
    before: [putJob(LATER)],
    request: { ...get("/jobs/v2/query"), query: "jobType=scheduleUpdateTwin&jobStatus=scheduled" },
    status: 200,
    properties: { "0.jobId": /^job-1$/ },
    headers: { "x-ms-item-type": /^JobResponse$/ },
  },
  {
    name: "an export of devices without storage",
    source: "Azure REST API, Jobs – Create Import Export Job",
    request: request("POST", "/jobs/create", {
      type: "export",
      outputBlobContainerUri: "https://a.blob.core.windows.net/devices?sig=a",
    }),
    ...failure(501, "NotEmulated"),
    differs: "The local Azure has no storage of its own: with Azurite, the devices are exported.",
  },
  {
    name: "an export of devices by an identity that the hub does not have",
    source: "mwalser/terraform-provider-iothub, CONCEPT.md, Appendix D: as without the role, measured on Azure",
    request: request("POST", "/jobs/create", {
      type: "export",
      outputBlobContainerUri: "https://a.blob.core.windows.net/devices",
      storageAuthenticationType: "identityBased",
    }),
    ...failure(400, "BlobContainerValidationError"),
  },
  {
    name: "an export of devices to what is no container",
    source: "Azure documentation, Troubleshoot Azure IoT Hub error codes: 400008",
    request: request("POST", "/jobs/create", { type: "export", outputBlobContainerUri: "devices" }),
    ...failure(400, "BlobContainerValidationError"),
  },
  {
    name: "an import or export that does not exist",
    source: "Azure documentation, Troubleshoot Azure IoT Hub error codes: 404002",
    request: get("/jobs/none"),
    ...failure(404, "JobNotFound"),
  },
];

const CONFIGURATION = {
  content: { deviceContent: { "properties.desired.a": { b: 1 } } },
  targetCondition: "tags.site = 'a'",
};
const putConfiguration = (more: object = {}, ifMatch?: string): ConformanceRequest =>
  request("PUT", "/configurations/c-1", { id: "c-1", ...CONFIGURATION, ...more }, ifMatch);
const CONFIGURATIONS = "azure-iot-sdk-node, e2etests/test/configurations.js";
const CLI_CONFIGURATIONS = `${CLI}/configurations/test_iot_config_int.py`;
const RUNTIME = { $edgeAgent: { "properties.desired": {} }, $edgeHub: { "properties.desired": {} } };

const CONFIGURATION_ROWS: readonly ConformanceRow[] = [
  {
    name: "a configuration is returned as it was sent, with its metrics",
    source: `${CONFIGURATIONS}; ${CLI_CONFIGURATIONS}`,
    request: putConfiguration(),
    status: 200,
    properties: {
      id: /^c-1$/,
      priority: 0,
      content: { is: CONFIGURATION.content },
      labels: "absent",
      "metrics.queries": { is: {} },
      "systemMetrics.queries.targetedCount": "string",
      "systemMetrics.results.appliedCount": "number",
      etag: "string",
    },
  },
  {
    name: "an existing configuration is not created again",
    source: "Azure/azure-iot-hub-python#2: Conflict",
    before: [putConfiguration()],
    request: putConfiguration(),
    ...failure(409, "ConfigurationAlreadyExists"),
  },
  {
    name: "a configuration with a condition that is no condition",
    source: "azure-iot-cli-extension#88",
    request: putConfiguration({ targetCondition: "edgeDeviceVM" }),
    status: 400,
    headers: { "iothub-errorcode": /^InvalidConfigurationTargetCondition$/ },
    properties: { Message: /based on 'deviceId', 'tags', or 'properties.reported'. It contains: edgeDeviceVM/ },
  },
  {
    name: "a configuration with a path that is no desired property",
    source: "Azure-Samples/azure-iot-samples-csharp#108",
    request: putConfiguration({ content: { deviceContent: { "tags.a": 1 } } }),
    ...failure(400, "InvalidConfigurationContent"),
  },
  {
    name: "a metric without FROM",
    source: CLI_CONFIGURATIONS,
    request: putConfiguration({ metrics: { queries: { one: "select *" } } }),
    status: 200,
    properties: { "metrics.queries.one": /^select \*$/ },
    differs: "Azure takes it; that it counts devices is a guess.",
  },
  {
    name: "a configuration that does not exist",
    source: CONFIGURATIONS,
    request: get("/configurations/none"),
    ...failure(404, "ConfigurationNotFound"),
  },
  {
    name: "a configuration is removed without If-Match",
    source: CONFIGURATIONS,
    before: [putConfiguration()],
    request: request("DELETE", "/configurations/c-1"),
    status: 204,
  },
  {
    name: "a content is applied to an Edge device",
    source: CLI_CONFIGURATIONS,
    before: [putDevice("gateway", EDGE)],
    request: request("POST", "/devices/gateway/applyConfigurationContent", { modulesContent: RUNTIME }),
    status: 204,
    differs:
      "Azure applies automatic configurations within minutes, the local hub at once; modules of a deployment that leaves a device are removed at once.",
  },
  {
    name: "a content for a device that is no Edge device",
    source: "Azure/iotedgehubdev#206",
    before: [putDevice("dev-1")],
    request: request("POST", "/devices/dev-1/applyConfigurationContent", { modulesContent: RUNTIME }),
    ...failure(400, "ArgumentInvalid"),
  },
  {
    name: "a content of another kind for an Edge device",
    source: "Azure/azure-iot-sdk-csharp#2419",
    before: [putDevice("gateway", EDGE)],
    request: request("POST", "/devices/gateway/applyConfigurationContent", CONFIGURATION.content),
    ...failure(400, "InvalidConfigurationContent"),
  },
];

/** The registry behind the service API of IoT Hub. */
export const REGISTRY_ROWS: readonly ConformanceRow[] = [
  ...IDENTITY_ROWS,
  ...MODULE_ROWS,
  ...BULK_ROWS,
  ...JAVA_ROWS,
  ...QUERY_ROWS,
  ...JOB_ROWS,
  ...CONFIGURATION_ROWS,
  ...REGISTRY_VERSION_ROWS,
];
