import { type BodyRoute, describeBodies } from "../../../cast/bodyRoutes";
import { type Hierarchy, newHierarchy } from "../../../cast/certs";
import { DataPlane, DPS_HOST, HUB_HOST, type TestRequest } from "../../../cast/dataPlane";
import { PretendTpm } from "../../../cast/pretendTpm";

const KEY = Buffer.alloc(32, 7).toString("base64");
const THUMBPRINT = "A".repeat(40);
const ID = "device-01";
const OTHER = "device-02";
/** A device that no other route disables. */
const UPLOADER = "device-03";
const GROUP = "group-1";

/** The members of an enrollment that both kinds have. */
const settings = {
  allocationPolicy: "Custom",
  capabilities: { iotEdge: true },
  customAllocationDefinition: { apiVersion: "2021-10-01", webhookUrl: "https://a.example" },
  etag: "a",
  initialTwin: { properties: { desired: { a: 1 } }, tags: { a: 1 } },
  iotHubHostName: "hub-1.azure-devices.net",
  iotHubs: ["hub-1.azure-devices.net"],
  provisioningStatus: "Enabled",
  reprovisionPolicy: { migrateDeviceData: true, updateHubAssignment: false },
};
const individual = { ...settings, registrationId: ID, deviceId: "device-1", optionalDeviceInformation: { a: 1 } };
const symmetricKey = { type: "symmetricKey", symmetricKey: { primaryKey: KEY, secondaryKey: KEY } };
const custom = [
  "customAllocationDefinition.apiVersion",
  "customAllocationDefinition.webhookUrl",
  "attestation.x509.signingCertificates.primary.certificate",
  "attestation.x509.clientCertificates.primary.certificate",
];
const others = (...names: string[]) => names.map((name) => `attestation.${name}`);

describe("bodies of the DPS and hub data planes", () => {
  let plane: DataPlane;
  let hierarchy: Hierarchy;
  let tpm: PretendTpm;
  let scope: string;
  let ownScope: string;
  let jobs = 0;
  before(async () => {
    plane = new DataPlane();
    hierarchy = await newHierarchy();
    tpm = new PretendTpm();
    await plane.group(GROUP, hierarchy.intermediate.certificate);
    plane.directory.trust("root", hierarchy.root.certificate);
    await plane.individual(ID, hierarchy.device.certificate);
    await plane.ask("IndividualEnrollment_CreateOrUpdate", {
      params: { id: OTHER },
      body: { registrationId: OTHER, attestation: symmetricKey },
    });
    const body = { registrationId: "tpm-1", attestation: { type: "tpm", tpm: { endorsementKey: tpm.endorsementKey } } };
    await plane.ask("IndividualEnrollment_CreateOrUpdate", { params: { id: "tpm-1" }, body });
    for (const deviceId of [ID, UPLOADER]) {
      const { body } = await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId }, body: { deviceId } });
      if (deviceId === ID) ownScope = `ms-azure-iot-edge://${ID}-${body.generationId}`;
    }
    for (const deviceId of ["gateway", OTHER]) {
      const gateway = { deviceId, capabilities: { iotEdge: true } };
      const { body: made } = await plane.ask("Devices_CreateOrUpdateIdentity", { params: { deviceId }, body: gateway });
      if (deviceId === "gateway") scope = made.deviceScope;
    }
    await plane.ask("Modules_CreateOrUpdateIdentity", {
      params: { deviceId: ID, moduleId: "module-1" },
      body: { deviceId: ID, moduleId: "module-1" },
    });
  });

  /** Asks an operation, which replaces what there is. */
  const to =
    (name: string, params: TestRequest["params"], more: () => TestRequest = () => ({})): BodyRoute["send"] =>
    async (body) => {
      const authorization = /Enrollment|RegistrationState/.test(name)
        ? plane.sas(DPS_HOST, "provisioningserviceowner")
        : plane.sas(HUB_HOST, "iothubowner");
      const headers = { authorization, "if-match": "*" };
      const response = await plane.ask(name, { params, body, headers, ...more() });
      return { status: response.status, code: response.body?.errorCode ?? response.headers["iothub-errorcode"] };
    };
  const dps = () => 400004;
  const hub = () => "ArgumentInvalid";
  const certificates = () => {
    const certificate = hierarchy.intermediate.certificate.toPem();
    const info = { sha1Thumbprint: "a", sha256Thumbprint: "a" };
    return { primary: { certificate, info }, secondary: { certificate, info } };
  };
  const clientCertificates = () => {
    const certificate = hierarchy.device.certificate.toPem();
    const info = { sha1Thumbprint: "a", sha256Thumbprint: "a" };
    return { primary: { certificate, info }, secondary: { certificate, info } };
  };

  describeBodies(
    [
      {
        schema: "dps.deviceRequest",
        send: to("RuntimeRegistration_RegisterDevice", { id: ID }, () => ({
          headers: {},
          chain: [hierarchy.device.certificate, hierarchy.intermediate.certificate],
        })),
        example: () => ({ registrationId: ID, csr: "a", payload: { a: 1 } }),
        code: dps,
        absent: ["tpm"],
      },
      {
        schema: "dps.deviceRequest",
        send: to("RuntimeRegistration_RegisterDevice", { id: "tpm-1" }, () => ({ headers: {} })),
        example: () => ({
          registrationId: "tpm-1",
          csr: "a",
          payload: { a: 1 },
          tpm: { endorsementKey: tpm.endorsementKey, storageRootKey: tpm.storageRootKey },
        }),
        code: dps,
        needs: ["tpm.storageRootKey"],
        only: "tpm",
        // The challenge.
        validStatus: 401,
      },
      {
        schema: "dps.enrollmentGroup",
        send: to("EnrollmentGroup_CreateOrUpdate", { id: GROUP }),
        example: () => ({
          ...settings,
          enrollmentGroupId: GROUP,
          attestation: { type: "x509", x509: { signingCertificates: certificates() } },
        }),
        code: dps,
        absent: [
          "credentialPolicyName",
          ...others("symmetricKey", "tpm", "x509.caReferences", "x509.clientCertificates"),
        ],
        needs: [...custom, "attestation.x509.signingCertificates.secondary.certificate"],
      },
      {
        schema: "dps.individualEnrollment",
        send: to("IndividualEnrollment_CreateOrUpdate", { id: ID }),
        example: () => ({
          ...individual,
          attestation: { type: "x509", x509: { clientCertificates: clientCertificates() } },
        }),
        code: dps,
        absent: [
          "credentialPolicyName",
          ...others("symmetricKey", "tpm", "x509.caReferences", "x509.signingCertificates"),
        ],
        needs: [...custom, "attestation.x509.clientCertificates.secondary.certificate"],
      },
      {
        schema: "dps.individualEnrollment",
        send: to("IndividualEnrollment_CreateOrUpdate", { id: OTHER }),
        example: () => ({ ...individual, registrationId: OTHER, attestation: symmetricKey }),
        code: dps,
        absent: ["credentialPolicyName", ...others("tpm", "x509")],
        needs: custom,
      },
      {
        schema: "dps.individualEnrollment",
        send: to("IndividualEnrollment_CreateOrUpdate", { id: OTHER }),
        example: () => ({
          ...individual,
          registrationId: OTHER,
          attestation: { type: "tpm", tpm: { endorsementKey: tpm.endorsementKey, storageRootKey: tpm.storageRootKey } },
        }),
        code: dps,
        absent: ["credentialPolicyName", ...others("symmetricKey", "x509")],
        needs: [...custom, "attestation.tpm"],
      },
      {
        schema: "dps.bulkGroups",
        send: to("EnrollmentGroup_RunBulkOperation", {}),
        example: () => ({ mode: "delete", enrollmentGroups: [{ enrollmentGroupId: "group-9" }] }),
        code: dps,
      },
      {
        schema: "dps.bulkIndividuals",
        send: to("IndividualEnrollment_RunBulkOperation", {}),
        example: () => ({ mode: "delete", enrollments: [{ registrationId: "device-9" }] }),
        code: dps,
      },
      {
        schema: "dps.query",
        send: to("EnrollmentGroup_Query", {}),
        example: () => ({ query: "SELECT * FROM enrollmentGroups" }),
        code: dps,
      },
      {
        schema: "dps.registrationQuery",
        send: to("DeviceRegistrationState_Query", { id: "no-group" }),
        example: () => ({ query: "SELECT *" }),
        code: dps,
        validStatus: 404,
      },
      {
        schema: "hub.device",
        send: to("Devices_CreateOrUpdateIdentity", { deviceId: ID }),
        example: () => ({
          authentication: {
            type: "sas",
            symmetricKey: { primaryKey: KEY, secondaryKey: KEY },
            x509Thumbprint: { primaryThumbprint: THUMBPRINT, secondaryThumbprint: THUMBPRINT },
          },
          capabilities: { iotEdge: true },
          deviceId: ID,
          deviceScope: ownScope,
          etag: "a",
          parentScopes: [scope],
          status: "disabled",
          statusReason: "a",
        }),
        code: hub,
        needs: [
          "authentication.type",
          "authentication.symmetricKey.primaryKey",
          "authentication.symmetricKey.secondaryKey",
          "capabilities.iotEdge",
          "deviceScope",
        ],
      },
      {
        schema: "hub.bulk",
        send: to("BulkRegistry_UpdateRegistry", {}),
        example: () => [
          {
            authentication: {
              type: "sas",
              symmetricKey: { primaryKey: KEY, secondaryKey: KEY },
              x509Thumbprint: { primaryThumbprint: THUMBPRINT, secondaryThumbprint: THUMBPRINT },
            },
            capabilities: { iotEdge: true },
            deviceScope: "a",
            eTag: "a",
            id: OTHER,
            importMode: "CreateOrUpdate",
            managedBy: "a",
            parentScopes: [],
            properties: { desired: { a: 1 } },
            status: "disabled",
            statusReason: "a",
            tags: { a: 1 },
            twinETag: "*",
          },
        ],
        code: hub,
        absent: ["0.moduleId"],
        needs: [
          "0.authentication.type",
          "0.authentication.symmetricKey.primaryKey",
          "0.authentication.symmetricKey.secondaryKey",
          "0.capabilities.iotEdge",
        ],
      },
      {
        schema: "hub.regenerateKeys",
        send: to("Service_BulkRegenerateDeviceKeys", {}),
        example: () => ({ policyKey: "Both", devices: [{ id: OTHER, moduleId: "$edgeHub" }] }),
        code: hub,
      },
      {
        schema: "hub.configuration",
        send: async (body) => {
          jobs += 1;
          const params = { configurationId: `c-${jobs}` };
          return to("Configuration_CreateOrUpdate", params, () => ({ headers: {} }))(body);
        },
        example: () => ({
          content: { deviceContent: { "properties.desired.a": 1 } },
          etag: "a",
          labels: { a: "b" },
          metrics: { queries: { one: "select *" } },
          priority: 1,
          schemaVersion: "1.0",
          targetCondition: "tags.none = 1",
        }),
        code: hub,
        absent: ["id", "content.moduleContent", "content.modulesContent"],
        needs: ["content.deviceContent"],
      },
      {
        schema: "hub.configurationQueries",
        send: to("Configuration_TestQueries", {}),
        example: () => ({ customMetricQueries: { one: "select *" }, targetCondition: "*" }),
        code: hub,
      },
      {
        schema: "hub.configurationContent",
        send: to("Configuration_ApplyOnEdgeDevice", { deviceId: "gateway" }),
        example: () => ({
          modulesContent: { $edgeAgent: { "properties.desired": {} }, $edgeHub: { "properties.desired": {} } },
        }),
        code: hub,
        absent: ["deviceContent", "moduleContent"],
        needs: ["modulesContent"],
      },
      {
        schema: "hub.job",
        send: async (body) => {
          jobs += 1;
          return to("Jobs_CreateScheduledJob", { jobId: `job-${jobs}` })(body);
        },
        example: () => ({
          cloudToDeviceMethod: {
            connectTimeoutInSeconds: 0,
            methodName: "a",
            payload: { a: 1 },
            responseTimeoutInSeconds: 5,
          },
          maxExecutionTimeInSeconds: 60,
          queryCondition: "deviceId = 'none'",
          startTime: "2026-03-01T12:00:00Z",
          type: "scheduleUpdateTwin",
          updateTwin: { etag: "*", properties: { desired: { a: 1 } }, tags: { a: 1 } },
        }),
        code: hub,
        absent: ["jobId"],
        needs: ["queryCondition", "updateTwin"],
      },
      {
        schema: "hub.module",
        send: to("Modules_CreateOrUpdateIdentity", { deviceId: ID, moduleId: "module-1" }, () => ({
          // The device may be disabled, which refuses signatures only.
          headers: { authorization: "Bearer good@https://iothubs.azure.net", "if-match": "*" },
        })),
        example: () => ({
          authentication: {
            type: "sas",
            symmetricKey: { primaryKey: KEY, secondaryKey: KEY },
            x509Thumbprint: { primaryThumbprint: THUMBPRINT, secondaryThumbprint: THUMBPRINT },
          },
          deviceId: ID,
          etag: "a",
          managedBy: "a",
          moduleId: "module-1",
        }),
        code: hub,
        needs: [
          "authentication.type",
          "authentication.symmetricKey.primaryKey",
          "authentication.symmetricKey.secondaryKey",
        ],
      },
      {
        schema: "hub.twin",
        send: to("Devices_UpdateTwin", { deviceId: ID }),
        example: () => ({ etag: "*", properties: { desired: { a: 1 } }, tags: { a: 1 } }),
        code: hub,
      },
      {
        schema: "hub.digitalTwinPatch",
        send: to("DigitalTwin_UpdateDigitalTwin", { deviceId: ID }),
        example: () => [{ op: "add", path: "/fanSpeed", value: 1 }],
        code: hub,
        needs: ["0.value"],
      },
      {
        schema: "hub.method",
        send: to("Devices_InvokeMethod", { deviceId: ID }),
        example: () => ({
          connectTimeoutInSeconds: 0,
          methodName: "reboot",
          payload: { a: 1 },
          responseTimeoutInSeconds: "5",
          timeoutInSeconds: 5,
        }),
        code: hub,
        // The device is not connected.
        validStatus: 404,
      },
      {
        schema: "hub.importExport",
        send: to("Jobs_CreateImportExportJob", {}),
        example: () => ({
          configurationsBlobName: "a",
          excludeKeysInExport: true,
          identity: { userAssignedIdentity: "a" },
          includeConfigurations: false,
          inputBlobContainerUri: "https://a.blob.core.windows.net/devices",
          inputBlobName: "a",
          outputBlobContainerUri: "https://a.blob.core.windows.net/devices",
          outputBlobName: "a",
          storageAuthenticationType: "keyBased",
          type: "import",
        }),
        code: hub,
        needs: ["inputBlobContainerUri", "outputBlobContainerUri"],
        // There is no storage.
        validStatus: 501,
      },
      {
        schema: "hub.fileUpload",
        send: to("Device_CreateFileUploadSasUri", { deviceId: UPLOADER }),
        example: () => ({ blobName: "logs/today.txt" }),
        code: hub,
        // The hub has no storage.
        validStatus: 400,
      },
      {
        schema: "hub.fileUploadStatus",
        send: to("Device_UpdateFileUploadStatus", { deviceId: UPLOADER }),
        example: () => ({ correlationId: "a", isSuccess: false, statusCode: 200, statusDescription: "a" }),
        code: hub,
        // No upload has the ID.
        validStatus: 400,
      },
      {
        schema: "hub.query",
        send: to("Query_GetTwins", {}),
        example: () => ({ query: "SELECT * FROM devices" }),
        code: hub,
      },
    ],
    () => plane.contents(),
  );
});
