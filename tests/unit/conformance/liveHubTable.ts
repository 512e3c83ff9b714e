import type { ConformanceRequest, ConformanceRow } from "./conformanceRow";
import { ENTRA, failure, get, putDevice, putModule, request } from "./serviceRequests";

/** A hub of the tier F1 with api-version 2021-04-12, in August 2026. */
const LIVE = "mwalser/terraform-provider-iothub, CONCEPT.md, Appendix D, measured on Azure";

const EDGE = { capabilities: { iotEdge: true } };
const key = (letter: string): string => Buffer.from(letter.repeat(32)).toString("base64");
const THUMBPRINT = "ab".repeat(20);
const THERE = [putDevice("dev-1"), putModule("camera")];

const identity = (more: object): ConformanceRequest => putDevice("dev-1", more);
const authentication = (value: object): ConformanceRequest => identity({ authentication: value });
const twin = (desired: unknown): ConformanceRequest => request("PATCH", "/twins/dev-1", { properties: { desired } });
const levels = (count: number): unknown => JSON.parse(`${'{"a":'.repeat(count)}1${"}".repeat(count)}`);

const IDENTITY_ROWS: readonly ConformanceRow[] = [
  {
    name: "a device is created",
    source: `${LIVE}: 200, not 201`,
    request: putDevice("dev-1"),
    status: 200,
    properties: { "authentication.type": /^sas$/, "authentication.symmetricKey.primaryKey": "string" },
  },
  {
    name: "an existing device is not created again, with its ETag in the body",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: (earlier) => identity({ etag: earlier("").etag }),
    ...failure(409, "DeviceAlreadyExists"),
  },
  {
    name: "a device that does not exist is not changed",
    source: LIVE,
    request: request("PUT", "/devices/dev-1", { deviceId: "dev-1" }, "*"),
    ...failure(404, "DeviceNotFound"),
  },
  {
    name: "a device is removed without If-Match",
    source: `${LIVE}: "Etag missing"`,
    before: THERE,
    request: request("DELETE", "/devices/dev-1"),
    ...failure(412, "PreconditionFailed"),
  },
  {
    name: "a module is removed without If-Match",
    source: LIVE,
    before: THERE,
    request: request("DELETE", "/devices/dev-1/modules/camera"),
    ...failure(412, "PreconditionFailed"),
  },
  {
    name: "a device that does not exist is removed",
    source: LIVE,
    request: request("DELETE", "/devices/dev-1", undefined, "*"),
    ...failure(404, "DeviceNotFound"),
  },
  {
    name: "a device's ETag without quotes is a precondition",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: (earlier) => request("PUT", "/devices/dev-1", { deviceId: "dev-1" }, earlier("").etag),
    status: 200,
  },
  {
    name: "a device with one of two keys",
    source: LIVE,
    request: authentication({ type: "sas", symmetricKey: { primaryKey: key("a") } }),
    ...failure(400, "ArgumentInvalid"),
  },
  {
    name: "a device with a short key",
    source: LIVE,
    request: authentication({ type: "sas", symmetricKey: { primaryKey: "AAAA", secondaryKey: "AAAA" } }),
    ...failure(400, "ArgumentInvalid"),
  },
  {
    name: "a thumbprint keeps its letter case",
    source: LIVE,
    request: authentication({ type: "selfSigned", x509Thumbprint: { primaryThumbprint: THUMBPRINT } }),
    status: 200,
    properties: { "authentication.x509Thumbprint.primaryThumbprint": new RegExp(`^${THUMBPRINT}$`) },
  },
  {
    name: "a thumbprint with colons",
    source: `${LIVE}: StringIsNotThumbprint`,
    request: authentication({
      type: "selfSigned",
      x509Thumbprint: { primaryThumbprint: THUMBPRINT.replace(/..(?=.)/g, "$&:") },
    }),
    ...failure(400, "ArgumentInvalid"),
  },
  {
    name: "a device of type selfSigned without a thumbprint",
    source: LIVE,
    request: authentication({ type: "selfSigned" }),
    status: 200,
  },
  {
    name: "a device of type none",
    source: `${LIVE}: DeviceAuthenticationTypeIsMissing`,
    request: authentication({ type: "none" }),
    ...failure(400, "ArgumentInvalid"),
  },
  {
    name: "a module of type none gets keys",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: putModule("camera", { authentication: { type: "none" } }),
    status: 200,
    properties: { "authentication.type": /^sas$/ },
  },
  {
    name: "a module of a device that does not exist, by a signature",
    source: LIVE,
    request: putModule("camera"),
    ...failure(401, "IotHubUnauthorizedAccess"),
  },
  {
    name: "a module of a disabled device, by a signature",
    source: LIVE,
    before: [...THERE, request("PUT", "/devices/dev-1", { deviceId: "dev-1", status: "disabled" }, "*")],
    request: get("/devices/dev-1/modules/camera"),
    ...failure(401, "IotHubUnauthorizedAccess"),
  },
  {
    name: "a module of a disabled device, by a token of Entra ID",
    source: LIVE,
    before: [...THERE, request("PUT", "/devices/dev-1", { deviceId: "dev-1", status: "disabled" }, "*")],
    request: { ...get("/devices/dev-1/modules/camera"), headers: ENTRA },
    status: 200,
  },
  {
    name: "a system module of an Edge device has keys",
    source: LIVE,
    before: [putDevice("dev-1", EDGE)],
    request: get("/devices/dev-1/modules/$edgeAgent"),
    status: 200,
    properties: { "authentication.type": /^sas$/ },
    differs: "Azure has the type none until the device's runtime sets keys; here the module can connect at once.",
  },
  {
    name: "an Edge device is changed without its scope",
    source: `${LIVE}: "Device scope is immutable"`,
    before: [putDevice("dev-1", EDGE)],
    request: request("PUT", "/devices/dev-1", { deviceId: "dev-1", ...EDGE }, "*"),
    ...failure(400, "InvalidDeviceScope"),
    differs: "Status and words were measured; the name of the error is a guess.",
  },
  {
    name: "an Edge device is changed with its scope",
    source: LIVE,
    before: [putDevice("dev-1", EDGE)],
    request: (earlier) =>
      request(
        "PUT",
        "/devices/dev-1",
        { deviceId: "dev-1", ...EDGE, deviceScope: earlier("").deviceScope, status: "disabled" },
        "*",
      ),
    status: 200,
    properties: { status: /^disabled$/ },
  },
];

const TWIN_ROWS: readonly ConformanceRow[] = [
  {
    name: "the twin of a module that does not exist",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: get("/twins/dev-1/modules/none"),
    ...failure(404, "DeviceNotFound"),
  },
  {
    name: "the deviceEtag of a module's twin is the ETag of the module's identity",
    source: LIVE,
    before: [putDevice("dev-1", { status: "enabled" }), putModule("camera"), putModule("camera", {}, "*")],
    request: (earlier) => ({ ...get("/twins/dev-1/modules/camera"), query: `etag=${earlier("").etag}` }),
    status: 200,
    properties: { deviceEtag: "string" },
  },
  {
    name: "a twin's thumbprints",
    source: LIVE,
    before: [authentication({ type: "selfSigned", x509Thumbprint: { primaryThumbprint: THUMBPRINT } })],
    request: get("/twins/dev-1"),
    status: 200,
    properties: { "x509Thumbprint.primaryThumbprint": new RegExp(`^${THUMBPRINT}$`) },
    differs: "One measurement has PrimaryThumbprint with a capital; twins that others have shown have none.",
  },
  {
    name: "a twin with ten levels of objects below the desired properties",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: twin(levels(11)),
    status: 200,
  },
  {
    name: "a twin with a name without letters",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: twin({ "": 1 }),
    status: 200,
  },
  {
    name: "a twin with a # in a name",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: twin({ "a#b": 1 }),
    ...failure(400, "ArgumentInvalid"),
  },
  {
    name: "a twin with null in a list",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: twin({ a: [1, null] }),
    ...failure(400, "ArgumentInvalid"),
  },
];

const CONFIGURATION = {
  content: { deviceContent: { "properties.desired.a": { b: 1 } } },
  targetCondition: "tags.site = 'a'",
};
const configuration = (more: object = {}, ifMatch?: string, id = "c-1"): ConformanceRequest =>
  request("PUT", `/configurations/${encodeURIComponent(id)}`, { id, ...CONFIGURATION, ...more }, ifMatch);
const OTHER = { content: { deviceContent: { "properties.desired.a": 2 } } };

const CONFIGURATION_ROWS: readonly ConformanceRow[] = [
  {
    name: "another content of a configuration is ignored",
    source: LIVE,
    before: [configuration()],
    request: configuration({ ...OTHER, priority: 7 }, "*"),
    status: 200,
    properties: { content: { is: CONFIGURATION.content }, priority: 7 },
  },
  {
    name: "a configuration's ETag without quotes is no precondition",
    source: LIVE,
    before: [configuration()],
    request: (earlier) => configuration({ priority: 7 }, earlier("").etag),
    ...failure(409, "ConfigurationAlreadyExists"),
  },
  {
    name: "a configuration's ETag with quotes",
    source: LIVE,
    before: [configuration()],
    request: (earlier) => configuration({ priority: 7 }, `"${earlier("").etag}"`),
    status: 200,
  },
  ...["C-1", "c.1", "c:1", "c".repeat(129)].map(
    (id): ConformanceRow => ({
      name: `a configuration with the ID ${id.slice(0, 10)}`,
      source: LIVE,
      request: configuration({}, undefined, id),
      ...failure(400, "ArgumentInvalid"),
    }),
  ),
  {
    name: "a configuration with an ID of punctuation",
    source: LIVE,
    request: configuration({}, undefined, "c-1_+%*!'"),
    status: 200,
  },
  {
    name: "a list of configurations ignores top",
    source: LIVE,
    before: [configuration(), configuration({}, undefined, "c-2")],
    request: { ...get("/configurations"), query: "top=1" },
    status: 200,
    properties: { "1.id": "string" },
  },
  {
    name: "a test of the condition * of a configuration",
    source: LIVE,
    request: request("POST", "/configurations/testQueries", { targetCondition: "*" }),
    status: 200,
    properties: { targetConditionError: "string" },
  },
  {
    name: "a deployment without $edgeAgent",
    source: LIVE,
    request: configuration({ content: { modulesContent: { $edgeHub: { "properties.desired": {} } } } }),
    ...failure(400, "InvalidConfigurationContent"),
  },
  {
    name: "a layered deployment of routes alone",
    source: LIVE,
    request: configuration({
      content: {
        modulesContent: { $edgeAgent: {}, $edgeHub: { "properties.desired.routes.a": "FROM /* INTO $upstream" } },
      },
    }),
    status: 200,
  },
];

const APPLIED: readonly ConformanceRow[] = [
  {
    name: "what a configuration has set stays when it is deleted",
    source: LIVE,
    before: [putDevice("dev-1"), configuration({ targetCondition: "*" }), request("DELETE", "/configurations/c-1")],
    request: get("/twins/dev-1"),
    status: 200,
    properties: { "properties.desired.a": { is: { b: 1 } } },
  },
];

const job = (more: object = {}, jobId = "job-1"): ConformanceRequest =>
  request("PUT", `/jobs/v2/${jobId}`, {
    type: "scheduleUpdateTwin",
    queryCondition: "deviceId = 'dev-1'",
    updateTwin: { etag: "*", tags: { a: 1 } },
    maxExecutionTimeInSeconds: 60,
    ...more,
  });

const JOB_ROWS: readonly ConformanceRow[] = [
  {
    name: "a job that does not exist",
    source: LIVE,
    request: get("/jobs/v2/none"),
    status: 200,
    properties: { type: /^unknown$/, status: /^unknown$/ },
  },
  {
    name: "a job that does not exist is cancelled",
    source: LIVE,
    request: request("POST", "/jobs/v2/none/cancel"),
    ...failure(404, "JobNotFound"),
  },
  ...["Job-1", "job_1", "job.1", "j".repeat(65)].map(
    (id): ConformanceRow => ({
      name: `a job with the ID ${id.slice(0, 10)}`,
      source: LIVE,
      request: job({}, id),
      ...failure(400, "ArgumentInvalid"),
    }),
  ),
  {
    name: "a second job while another is scheduled, in a tier with one",
    source: `${LIVE}; Azure documentation, IoT Hub quotas and throttling`,
    before: [job({ startTime: "2026-03-02T12:00:00Z" })],
    request: job({}, "job-2"),
    ...failure(429, "ThrottlingMaxActiveJobCountExceeded"),
  },
  {
    name: "a job that is to begin in 169 hours",
    source: `${LIVE}: "Must be within 168 hours"`,
    request: job({ startTime: "2026-03-08T13:00:00Z" }),
    ...failure(400, "ArgumentInvalid"),
  },
  {
    name: "a job with an invalid condition is queued, and fails later",
    source: LIVE,
    request: job({ queryCondition: "tags." }),
    status: 200,
    properties: { status: /^queued$/ },
  },
  {
    name: "a query with a syntax error",
    source: LIVE,
    request: request("POST", "/devices/query", { query: "SELECT * FROM devices WHERE" }),
    ...failure(400, "ArgumentInvalid"),
  },
];

const method = (more: object): ConformanceRequest =>
  request("POST", "/twins/dev-1/methods", { methodName: "stop", ...more });

const METHOD_ROWS: readonly ConformanceRow[] = [
  {
    name: "a method with a longer time-out to connect than for the whole",
    source: `${LIVE}: 400004`,
    before: [putDevice("dev-1")],
    request: method({ connectTimeoutInSeconds: 20, responseTimeoutInSeconds: 10 }),
    ...failure(400, "ArgumentInvalid"),
  },
  {
    name: "a method of a device that is not connected",
    source: `${LIVE}: 404103`,
    before: [putDevice("dev-1")],
    request: method({}),
    ...failure(404, "DeviceNotOnline"),
  },
];

const command = (more: Partial<ConformanceRequest> = {}): ConformanceRequest => ({
  ...request("POST", "/digitaltwins/dev-1/commands/reboot", {}),
  ...more,
});
const DOCUMENT = "Azure documentation, Understand IoT Plug and Play digital twins";

const DIGITAL_TWIN_ROWS: readonly ConformanceRow[] = [
  {
    name: "the digital twin of a device without a model",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: get("/digitaltwins/dev-1"),
    status: 200,
    properties: { "": { is: { $dtId: "dev-1", $metadata: { $model: "" } } } },
    headers: { etag: /^"AAAAAAAAAAE="$/ },
  },
  {
    name: "the digital twin of a device that does not exist",
    source: LIVE,
    request: get("/digitaltwins/none"),
    ...failure(404, "DeviceNotFound"),
  },
  {
    name: "a digital twin is patched",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: request("PATCH", "/digitaltwins/dev-1", [{ op: "add", path: "/fanSpeed", value: 2 }]),
    status: 202,
    headers: { etag: /^"AAAAAAAAAAI="$/, location: /digitaltwins\/dev-1/ },
  },
  {
    name: "a desired value in a digital twin",
    source: DOCUMENT,
    before: [putDevice("dev-1"), twin({ thermostat1: { __t: "c", targetTemperature: 21.8 } })],
    request: get("/digitaltwins/dev-1"),
    status: 200,
    properties: {
      thermostat1: { is: { $metadata: { targetTemperature: { desiredValue: 21.8, desiredVersion: 2 } } } },
    },
  },
  {
    name: "a patch of a component that a digital twin does not have",
    source: "guess",
    before: [putDevice("dev-1")],
    request: request("PATCH", "/digitaltwins/dev-1", [{ op: "add", path: "/thermostat1/targetTemperature", value: 2 }]),
    ...failure(400, "ArgumentInvalid"),
    differs: "Microsoft's samples add the component first; which error Azure returns is not on record.",
  },
  {
    name: "a command by a token of Entra ID",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: command({ headers: ENTRA }),
    ...failure(401, "IotHubUnauthorizedAccess"),
  },
  {
    name: "a command for a device that is not connected",
    source: LIVE,
    before: [putDevice("dev-1")],
    request: command(),
    ...failure(404, "DeviceNotOnline"),
  },
  {
    name: "a command for a device that does not exist",
    source: LIVE,
    request: command(),
    ...failure(404, "DeviceNotFound"),
  },
];

/** What was measured on a hub in Azure. */
export const LIVE_HUB_ROWS: readonly ConformanceRow[] = [
  ...IDENTITY_ROWS,
  ...TWIN_ROWS,
  ...CONFIGURATION_ROWS,
  ...APPLIED,
  ...JOB_ROWS,
  ...METHOD_ROWS,
  ...DIGITAL_TWIN_ROWS,
];
