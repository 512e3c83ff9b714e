import type { ConformanceRequest, ConformanceRow } from "./conformanceRow";

const RECORDINGS = "azure-sdk-for-python, azure-iot-deviceprovisioning, tests/recordings";
const INDIVIDUAL = `${RECORDINGS}/test_individual_enrollments*`;
const GROUP = `${RECORDINGS}/test_enrollment_groups*`;
const DEVICE = `${RECORDINGS}/test_device_registration*`;

const apiVersion = "2021-10-01";
const KEYS = { type: "symmetricKey" };
const certified = (member: string, certificate: string) => ({
  type: "x509",
  x509: { [member]: { primary: { certificate } } },
});
const ETAG = /^Ij[A-Za-z0-9+/]+=*$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/;

const putIndividual = (more: object = {}): ConformanceRequest => ({
  method: "PUT",
  path: "/enrollments/dev-1",
  apiVersion,
  body: { registrationId: "dev-1", attestation: KEYS, ...more },
});
const putGroup = (more: object = {}): ConformanceRequest => ({
  method: "PUT",
  path: "/enrollmentGroups/line-1",
  apiVersion,
  body: { enrollmentGroupId: "line-1", attestation: KEYS, ...more },
});
const get = (path: string): ConformanceRequest => ({ method: "GET", path, apiVersion });
const post = (path: string, body?: unknown): ConformanceRequest => ({ method: "POST", path, apiVersion, body });

/** The service API of DPS. `certificate`: PEM, of a common name that is no registration ID of these rows. */
export const dpsRows = (certificate: string): readonly ConformanceRow[] => [
  {
    name: "an individual enrollment with a certificate of another common name is taken",
    source: `${INDIVIDUAL}enrollment_x509_lifecycle`,
    request: putIndividual({ attestation: certified("clientCertificates", certificate) }),
    status: 200,
    properties: {
      "attestation.x509.clientCertificates.primary.info.sha256Thumbprint": /^[0-9A-F]{64}$/,
      "attestation.x509.clientCertificates.secondary.info.sha256Thumbprint": /^[0-9A-F]{64}$/,
      "attestation.x509.clientCertificates.primary.certificate": "absent",
      etag: ETAG,
      createdDateTimeUtc: TIME,
      lastUpdatedDateTimeUtc: TIME,
      registrationState: "absent",
    },
    headers: { etag: "absent" },
  },
  {
    name: "members that are null are left out, but for provisioningStatus",
    source: `${DEVICE}lifecycle`,
    request: putGroup({ capabilities: null, reprovisionPolicy: null, provisioningStatus: null, iotHubs: null }),
    status: 200,
    properties: {
      capabilities: "absent",
      reprovisionPolicy: "absent",
      provisioningStatus: null,
      iotHubs: "absent",
      "attestation.symmetricKey.primaryKey": "string",
    },
  },
  {
    name: "members that are missing are as those that are null, and the status is enabled",
    source: "2021-10-01 service.json: the default of provisioningStatus",
    request: putGroup(),
    status: 200,
    properties: { capabilities: "absent", reprovisionPolicy: "absent", provisioningStatus: /^enabled$/ },
    differs: "Only null is recorded: that Azure leaves out a missing reprovisionPolicy too is a guess.",
  },
  {
    name: "the policy static needs no hub",
    source: `${DEVICE}lifecycle`,
    request: putGroup({ allocationPolicy: "static" }),
    status: 200,
    properties: { allocationPolicy: /^static$/, iotHubs: "absent" },
  },
  {
    name: "an individual enrollment without a registration is unassigned",
    source: `${INDIVIDUAL}enrollment_x509_lifecycle`,
    before: [putIndividual()],
    request: get("/enrollments/dev-1"),
    status: 200,
    properties: {
      "registrationState.registrationId": /^dev-1$/,
      "registrationState.status": /^unassigned$/,
      "registrationState.etag": "absent",
      "attestation.symmetricKey": "absent",
    },
    headers: { etag: "absent" },
  },
  {
    name: "a query says nothing of registrations that there are not",
    source: `${INDIVIDUAL}enrollment_x509_lifecycle`,
    before: [putIndividual()],
    request: post("/enrollments/query", { query: "SELECT *" }),
    status: 200,
    properties: { "0.registrationId": /^dev-1$/, "0.registrationState": "absent" },
    headers: { "x-ms-item-type": /^Enrollment$/, "x-ms-continuation": "absent" },
  },
  {
    name: "a query of groups",
    source: `${GROUP}enrollment_group_x509_lifecycle`,
    before: [putGroup()],
    request: post("/enrollmentGroups/query", { query: "SELECT *" }),
    status: 200,
    properties: { "0.enrollmentGroupId": /^line-1$/ },
    headers: { "x-ms-item-type": /^EnrollmentGroup$/ },
  },
  {
    name: "a query of registrations needs no body",
    source: `${DEVICE}lifecycle`,
    before: [putGroup()],
    request: post("/registrations/line-1/query"),
    status: 200,
    properties: { "0": "absent" },
    headers: { "x-ms-item-type": /^DeviceRegistration$/ },
  },
  ...["enrollments", "enrollmentGroups"].map(
    (list): ConformanceRow => ({
      name: `a query of ${list} without its text`,
      source: "2021-10-01 service.json: QuerySpecification requires query",
      request: post(`/${list}/query`, {}),
      status: 400,
      code: 400004,
      differs: "No response of Azure is on record: it may return all enrollments.",
    }),
  ),
  ...["enrollments", "enrollmentGroups", "registrations/line-1"].map(
    (list): ConformanceRow => ({
      name: `a query of ${list} with a continuation that no query has returned`,
      source: "guess",
      before: [putGroup()],
      request: { ...post(`/${list}/query`, { query: "SELECT *" }), headers: { "x-ms-continuation": "AAAA" } },
      status: 400,
      code: 400004,
      differs: "No response of Azure is on record: 400 with the code of invalid arguments is a guess.",
    }),
  ),
  ...["0", "-1", "5000"].map(
    (count): ConformanceRow => ({
      name: `a query of enrollments in pages of ${count}`,
      source: "azure-iot-sdk-node and -python send 0 and -1 for the default",
      before: [putIndividual()],
      request: {
        ...post("/enrollments/query", { query: "SELECT *" }),
        headers: { "x-ms-max-item-count": count },
      },
      status: 200,
      properties: { "0.registrationId": /^dev-1$/ },
      headers: { "x-ms-max-item-count": count === "5000" ? /^1000$/ : /^100$/ },
    }),
  ),
  {
    name: "a query of enrollments in pages of a size that is no number",
    source: "guess",
    request: { ...post("/enrollments/query", { query: "SELECT *" }), headers: { "x-ms-max-item-count": "many" } },
    status: 400,
    code: 400004,
    differs: "No response of Azure is on record: 400 with the code of invalid arguments is a guess.",
  },
  {
    name: "an api-version that is no date",
    source: "guess",
    request: { ...get("/enrollments/dev-1"), apiVersion: "banana" },
    status: 400,
    code: 400004,
    differs: "No response of Azure is on record: 400 with the code of invalid arguments is a guess.",
  },
  {
    name: "a name in a body in another letter case",
    source: "amenzhinsky/iothub, which sends Query to IoT Hub",
    before: [putIndividual()],
    request: post("/enrollments/query", { Query: "SELECT * FROM enrollments WHERE registrationId = 'dev-2'" }),
    status: 200,
    properties: { "0": "absent" },
    differs: "It is known of IoT Hub: that DPS ignores the letter case of names in bodies too is a guess.",
  },
  {
    name: "an existing enrollment is not created again",
    source: "azure-iot-sdk-node, provisioning/e2e/_service_create_delete.js",
    before: [putIndividual()],
    request: putIndividual(),
    status: 409,
    code: 409201,
  },
  {
    name: "an existing group is not created again",
    source: `${GROUP}enrollment_group_bulk_operations, for a bulk operation`,
    before: [putGroup()],
    request: putGroup(),
    status: 409,
    code: 409202,
    differs: "The code is recorded of bulk operations only: that a single PUT has it too is a guess.",
  },
  {
    name: "a bulk update without an ETag refuses an existing enrollment",
    source: `${INDIVIDUAL}individual_enrollment_bulk_operations`,
    before: [putIndividual()],
    request: post("/enrollments", { mode: "update", enrollments: [{ registrationId: "dev-1", attestation: KEYS }] }),
    status: 200,
    properties: {
      isSuccessful: false,
      "errors.0.registrationId": /^dev-1$/,
      "errors.0.errorCode": 409201,
      "errors.0.errorStatus": /^Enrollment already exists\.$/,
    },
  },
  {
    name: "a bulk update without an ETag refuses an existing group",
    source: `${GROUP}enrollment_group_bulk_operations`,
    before: [putGroup()],
    request: post("/enrollmentGroups", {
      mode: "update",
      enrollmentGroups: [{ enrollmentGroupId: "line-1", attestation: KEYS }],
    }),
    status: 200,
    properties: {
      isSuccessful: false,
      "errors.0.enrollmentGroupId": /^line-1$/,
      "errors.0.errorCode": 409202,
      "errors.0.errorStatus": /^EnrollmentGroup already exists\.$/,
    },
  },
  {
    name: "a bulk update of what does not exist",
    source: "Azure REST API, Individual Enrollment – Run Bulk Operation",
    request: post("/enrollments", { mode: "update", enrollments: [{ registrationId: "dev-1", attestation: KEYS }] }),
    status: 200,
    properties: { isSuccessful: false, "errors.0.errorCode": 404201 },
    differs: "No response of Azure is on record for an enrollment that does not exist: it may create it.",
  },
  {
    name: "a group's signing certificate is returned twice",
    source: `${GROUP}enrollment_group_x509_lifecycle`,
    request: putGroup({ attestation: certified("signingCertificates", certificate) }),
    status: 200,
    properties: {
      "attestation.x509.signingCertificates.primary.info.subjectName": "string",
      "attestation.x509.signingCertificates.secondary.info.subjectName": "string",
    },
  },
  {
    name: "an initial twin that the hub's rules for twins forbid",
    source: "Azure documentation, Understand device twins – Tags and properties format",
    request: putIndividual({ initialTwin: { tags: { "a.b": 1 } } }),
    status: 400,
    code: 400004,
    differs:
      "Where Azure checks an initial twin, at the PUT or at the registration, is not documented: the PUT is a guess.",
  },
  {
    name: "an enrollment that does not exist",
    source: `${INDIVIDUAL}enrollment_x509_lifecycle`,
    request: get("/enrollments/dev-1"),
    status: 404,
    code: 404201,
  },
  {
    name: "an enrollment is deleted",
    source: `${INDIVIDUAL}enrollment_x509_lifecycle`,
    before: [putIndividual()],
    request: { method: "DELETE", path: "/enrollments/dev-1", apiVersion },
    status: 204,
  },
];

const HUB_VERSION = "2021-04-12";

const putDevice = (more: object = {}, id = "dev-1"): ConformanceRequest => ({
  method: "PUT",
  path: `/devices/${id}`,
  apiVersion: HUB_VERSION,
  body: { deviceId: id, ...more },
});
const QUERY_TWINS: ConformanceRequest = {
  method: "POST",
  path: "/devices/query",
  apiVersion: HUB_VERSION,
  body: { query: "SELECT * FROM devices" },
};
const SCOPE = /^ms-azure-iot-edge:\/\/gateway-\d+$/;

/** The service API of IoT Hub. */
export const HUB_ROWS: readonly ConformanceRow[] = [
  {
    name: "an Edge device has a scope of its own",
    source:
      "azure-iot-sdk-node, registry.js of its end-to-end tests; Azure documentation, Develop with IoT Edge in a hierarchy",
    request: putDevice({ capabilities: { iotEdge: true } }, "gateway"),
    status: 200,
    properties: { deviceScope: SCOPE, "capabilities.iotEdge": true, parentScopes: "array" },
  },
  {
    name: "a device below an Edge device has its scope",
    source: "azure-iot-sdk-node, registry.js of its end-to-end tests",
    before: [putDevice({ capabilities: { iotEdge: true } }, "gateway")],
    request: (earlier) => putDevice({ deviceScope: earlier("").deviceScope }),
    status: 200,
    properties: { deviceScope: SCOPE, "parentScopes.0": SCOPE },
    differs: "The registry keeps the scope and returns it. Nothing connects through the parent.",
  },
  {
    name: "a device without a parent has no scope",
    source: "azure-iot-sdk-node, registry.js of its end-to-end tests",
    request: putDevice(),
    status: 200,
    properties: { deviceScope: "absent", parentScopes: "absent", "authentication.type": /^sas$/ },
  },
  {
    name: "an existing device is not created again",
    source: "azure-iot-sdk-node, registry.js of its end-to-end tests",
    before: [putDevice()],
    request: putDevice(),
    status: 409,
    headers: { "iothub-errorcode": /^DeviceAlreadyExists$/ },
  },
  {
    name: "the metadata of a twin has an entry for each desired property",
    source: "Azure documentation, Understand device twins – Device twin metadata",
    before: [putDevice()],
    request: {
      method: "PATCH",
      path: "/twins/dev-1",
      apiVersion: HUB_VERSION,
      body: { properties: { desired: { fan: { speed: 5 } } } },
    },
    status: 200,
    properties: {
      "properties.desired.$version": 2,
      "properties.desired.$metadata.$lastUpdatedVersion": 2,
      "properties.desired.$metadata.fan.$lastUpdatedVersion": 2,
      "properties.desired.$metadata.fan.speed.$lastUpdated": "string",
      "properties.reported.$version": 1,
      "properties.reported.$metadata.$lastUpdatedVersion": "absent",
    },
  },
  {
    name: "the twin of a new device was updated when it was created",
    source: "Azure documentation, Deploy Azure IoT Edge modules with Visual Studio Code (a twin of 2019)",
    before: [putDevice()],
    request: { method: "GET", path: "/twins/dev-1", apiVersion: HUB_VERSION },
    status: 200,
    properties: { "properties.desired.$metadata.$lastUpdated": /^20/, "properties.desired.$version": 1 },
    differs:
      "Twins of earlier years have 0001-01-01T00:00:00Z until the first change; which hubs do is not documented.",
  },
  {
    name: "a name in a body in another letter case",
    source: "amenzhinsky/iothub, iotservice, which sends Query to the live service",
    before: [putDevice()],
    request: {
      method: "POST",
      path: "/devices/query",
      apiVersion: HUB_VERSION,
      body: { Query: "SELECT * FROM devices" },
    },
    status: 200,
    properties: { "0.deviceId": /^dev-1$/ },
    headers: { "x-ms-item-type": /^Twin$/ },
  },
  ...["0", "-1", "5000"].map(
    (top): ConformanceRow => ({
      name: `the first ${top} devices`,
      source: "Azure REST API, Devices – Get Devices: a value outside of 1 to 1,000 counts as 1,000",
      before: [putDevice()],
      request: { method: "GET", path: "/devices", apiVersion: HUB_VERSION, query: `top=${top}` },
      status: 200,
      properties: { "0.deviceId": /^dev-1$/ },
    }),
  ),
  {
    name: "the first devices of a number that is none",
    source: "guess",
    request: { method: "GET", path: "/devices", apiVersion: HUB_VERSION, query: "top=many" },
    status: 400,
    headers: { "iothub-errorcode": /^ArgumentInvalid$/ },
    differs: "No response of Azure is on record: 400 with the code of invalid arguments is a guess.",
  },
  ...["0", "-1", "5000"].map(
    (count): ConformanceRow => ({
      name: `a query of twins in pages of ${count}`,
      source: "Azure REST API, Query – Get Twins: the service may use another value if the given one is not acceptable",
      before: [putDevice()],
      request: {
        ...QUERY_TWINS,
        headers: { "x-ms-max-item-count": count },
      },
      status: 200,
      properties: { "0.deviceId": /^dev-1$/ },
    }),
  ),
  {
    name: "a query of twins with a continuation that no query has returned",
    source: "guess",
    request: { ...QUERY_TWINS, headers: { "x-ms-continuation": "AAAA" } },
    status: 400,
    headers: { "iothub-errorcode": /^ArgumentInvalid$/ },
    differs: "No response of Azure is on record: 400 with the code of invalid arguments is a guess.",
  },
  {
    name: "an api-version that is no date",
    source: "Azure documentation, IoT Hub error codes: 400001 InvalidProtocolVersion",
    request: { method: "GET", path: "/devices", apiVersion: "banana" },
    status: 400,
    headers: { "iothub-errorcode": /^InvalidProtocolVersion$/ },
    differs:
      "The code is documented for a version that the hub does not support; that a text of another form has it is a guess.",
  },
];
