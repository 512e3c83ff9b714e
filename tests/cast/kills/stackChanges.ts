import type { SeededRandom } from "../fuzz/seededRandom";

/** The toolkit's keys of a Pulumi.dev.yaml. */
export type StackSettings = Readonly<Record<string, unknown>>;

/** An edit of the settings, and requests that an `up` with it sends: service and operation. */
export interface StackChange {
  readonly name: string;
  apply(settings: StackSettings): StackSettings;
  readonly requests: readonly string[];
}

/** The files of individual enrollments, by name. */
export const ENROLLMENT_FILES: Readonly<Record<string, string>> = Object.freeze({
  "fleet-a.csv":
    "registrationId,symmetricKey,tags.site\nmeter-1,generated,north\nmeter-2,generated,north\nmeter-3,,north\n",
  "fleet-b.csv":
    "registrationId,symmetricKey,tags.site\nmeter-2,generated,south\nmeter-3,,south\nmeter-4,generated,south\n",
});

const REGISTER = "dps-device RuntimeRegistration_RegisterDevice";
const SEND = "hub Device_SendDeviceEvent";
const HUB = ["arm IotHubResource_CreateOrUpdate", "arm IotHubResource_Get"];
const SERVICE = ["arm IotDpsResource_CreateOrUpdate", "arm IotDpsResource_Get"];
const CERTIFICATE = [
  "arm DpsCertificate_Get",
  "arm DpsCertificate_CreateOrUpdate",
  "arm DpsCertificate_GenerateVerificationCode",
  "arm DpsCertificate_VerifyCertificate",
];
const REMOVED_DEVICE = ["dps-service DeviceRegistrationState_Delete", "hub Devices_DeleteIdentity"];
const ENROLLMENT = ["dps-service IndividualEnrollment_Get", "dps-service IndividualEnrollment_CreateOrUpdate"];
const VAULT = ["arm Vaults_CreateOrUpdate", "arm RoleAssignments_Create (resource)", "arm Vaults_Delete"];

/** What an `up` of no stack creates. */
export const CREATION: readonly string[] = [
  "arm ResourceGroups_CreateOrUpdate",
  ...HUB,
  ...SERVICE,
  "arm RoleAssignments_Create (resource)",
  ...CERTIFICATE,
  "dps-service EnrollmentGroup_CreateOrUpdate",
  ...ENROLLMENT,
  REGISTER,
  "dps-device RuntimeRegistration_OperationStatusLookup",
  SEND,
];

/** What a destroy deletes. */
export const DELETION: readonly string[] = [
  ...REMOVED_DEVICE,
  "dps-service IndividualEnrollment_Delete",
  "dps-service EnrollmentGroup_Delete",
  "arm DpsCertificate_Delete",
  "arm IotDpsResource_Delete",
  "arm IotHubResource_Delete",
  "arm ResourceGroups_Delete",
];

/** A key, the values that it takes in turn, and the requests of an `up` with another one. */
type Cycle = readonly [key: string, values: readonly unknown[], requests: readonly string[]];

/** Updates in place, additions, removals and replacements. */
const CYCLES: readonly Cycle[] = [
  ["hubUnits", [1, 2], HUB],
  ["tags", [[], ["team=iot"]], ["arm ResourceGroups_CreateOrUpdate", ...HUB, ...SERVICE]],
  ["provisioningServiceUnits", [1, 2], SERVICE],
  [
    "groupDevices",
    [["group-device-01"], ["group-device-01", "group-device-02"], ["group-device-02"]],
    [REGISTER, SEND, ...REMOVED_DEVICE],
  ],
  [
    "individualDevices",
    [["individual-device-01=sensor-01"], ["individual-device-01=sensor-02", "single-02"]],
    [...ENROLLMENT, REGISTER, SEND, "hub Devices_DeleteIdentity"],
  ],
  [
    "individualsFile",
    ["", "fleet-a.csv", "fleet-b.csv"],
    [
      "dps-service IndividualEnrollment_RunBulkOperation",
      "dps-service IndividualEnrollment_Query",
      "dps-service IndividualEnrollment_GetAttestationMechanism",
    ],
  ],
  [
    "revoked",
    [[], ["group-device-01", "individual-device-01"]],
    [...ENROLLMENT, "hub Devices_GetIdentity", "hub Devices_CreateOrUpdateIdentity", REGISTER],
  ],
  [
    "enrollmentGroupId",
    ["sample-group", "other-group"],
    ["dps-service EnrollmentGroup_CreateOrUpdate", "dps-service EnrollmentGroup_Delete", REGISTER],
  ],
  [
    "rootCertificateName",
    ["zero-touch-root", "other-root"],
    [...CERTIFICATE, "dps-service EnrollmentGroup_CreateOrUpdate", "arm DpsCertificate_Delete"],
  ],
  ["deviceLifetimeDays", [365, 300], [REGISTER, SEND, "dps-service IndividualEnrollment_CreateOrUpdate"]],
  [
    "caKeys",
    ["state", "keyVault"],
    [...VAULT, ...CERTIFICATE, "key-vault CreateKey", "key-vault Sign", "key-vault DeleteKey"],
  ],
  [
    "deviceCredentials",
    ["state", "keyVault"],
    [
      ...VAULT,
      REGISTER,
      "key-vault CreateCertificate",
      "key-vault MergeCertificate",
      "key-vault ImportCertificate",
      "key-vault DeleteCertificate",
    ],
  ],
  ["hubName", ["", "hub-kills-1", "hub-kills-2"], [...HUB, ...SERVICE, "arm IotHubResource_Delete", REGISTER]],
];

const LINKS = [
  { linkBy: "identity", localAuth: "enabled" },
  { linkBy: "identity", localAuth: "off" },
  { linkBy: "key", localAuth: "enabled" },
];

const CHANGES: readonly StackChange[] = [
  {
    // By key, localAuth cannot be off.
    name: "links",
    apply: (settings) => {
      const now = LINKS.findIndex(
        ({ linkBy, localAuth }) => linkBy === settings.linkBy && localAuth === settings.localAuth,
      );
      return { ...settings, ...LINKS[(now + 1) % LINKS.length] };
    },
    requests: [
      ...HUB,
      ...SERVICE,
      "arm IotHubResource_ListKeysForKeyName",
      "arm RoleAssignments_Create (resource)",
      "arm RoleAssignments_Delete (resource)",
    ],
  },
  ...CYCLES.map(([key, values, requests]) => ({
    name: key,
    apply: (settings: StackSettings) => {
      const now = values.findIndex((value) => JSON.stringify(value) === JSON.stringify(settings[key]));
      return { ...settings, [key]: values[(now + 1) % values.length] };
    },
    requests,
  })),
  {
    // Replaces everything. A name that is fixed would be of both resources.
    name: "prefix",
    apply: ({ prefix, ...settings }) => ({
      ...settings,
      prefix: prefix === "zero-touch" ? "line-2" : "zero-touch",
      hubName: "",
    }),
    requests: [...CREATION, ...DELETION],
  },
  {
    // A rollover in two steps: a second generation, then without the first one.
    name: "caGenerations",
    apply: (settings) => {
      const [first = 1, second] = settings.caGenerations as readonly number[];
      return { ...settings, caGenerations: second === undefined ? [first, first + 1] : [second] };
    },
    requests: [...CERTIFICATE, REGISTER, "dps-service EnrollmentGroup_CreateOrUpdate", "arm DpsCertificate_Delete"],
  },
];

/** The settings before the first change. */
export const FIRST_SETTINGS: StackSettings = {
  ...Object.fromEntries(CYCLES.map(([key, [first]]) => [key, first])),
  ...LINKS[0],
  prefix: "zero-touch",
  caGenerations: [1],
};

/** One to three changes. */
export function someChanges(random: SeededRandom): readonly StackChange[] {
  return [...new Set(Array.from({ length: 1 + random.below(3) }, () => random.pick(CHANGES)))];
}
