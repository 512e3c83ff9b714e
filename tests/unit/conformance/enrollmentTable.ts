import { PretendTpm } from "../../cast/pretendTpm";
import type { ConformanceRequest, ConformanceRow, Form } from "./conformanceRow";

const RECORDINGS = "azure-sdk-for-python, azure-iot-deviceprovisioning, tests/recordings";
const apiVersion = "2021-10-01";
const KEYS = { type: "symmetricKey" };
/** Base64 of a quoted GUID. */
const ETAG = /^Ij[A-Za-z0-9+/]{49}=$/;

/** A kind of enrollment, as paths and bodies name it. */
interface Kind {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly source: string;
}

const KINDS: readonly Kind[] = [
  {
    name: "an individual enrollment",
    path: "/enrollments/dev-1",
    id: "registrationId",
    source: `${RECORDINGS}/test_individual_enrollments*`,
  },
  {
    name: "a group",
    path: "/enrollmentGroups/dev-1",
    id: "enrollmentGroupId",
    source: `${RECORDINGS}/test_enrollment_groups*`,
  },
];

const put = ({ path, id }: Kind, more: object = {}, ifMatch?: string): ConformanceRequest => ({
  method: "PUT",
  path,
  apiVersion,
  body: { [id]: "dev-1", attestation: KEYS, ...more },
  headers: ifMatch === undefined ? undefined : { "if-match": ifMatch },
});
const send = ({ path }: Kind, method = "GET", rest = ""): ConformanceRequest => ({
  method,
  path: `${path}${rest}`,
  apiVersion,
});

const both = (make: (kind: Kind) => ConformanceRow): ConformanceRow[] => KINDS.map(make);

const NULLS: Readonly<Record<string, Form>> = {
  provisioningStatus: null,
  capabilities: "absent",
  reprovisionPolicy: "absent",
  allocationPolicy: "absent",
  initialTwin: "absent",
  iotHubs: "absent",
};

const query = ({ path }: Kind): ConformanceRequest => ({
  method: "POST",
  path: path.replace("dev-1", "query"),
  apiVersion,
  body: { query: "SELECT *" },
});
const REPROVISION = { updateHubAssignment: true, migrateDeviceData: true };

const [INDIVIDUAL, GROUP] = KINDS as [Kind, Kind];
const { endorsementKey } = new PretendTpm();
const TPM = { type: "tpm", tpm: { endorsementKey } };
const tpmPut = put(INDIVIDUAL, { attestation: TPM });
const TPM_SOURCE = `${RECORDINGS}/test_individual_enrollments*tpm*`;

const DEEP = JSON.parse(`${'{"a":'.repeat(12)}1${"}".repeat(12)}`) as object;
/** Initial twins that the hub's rules for twins forbid. */
const FORBIDDEN: Readonly<Record<string, object>> = {
  "a dot in a name": { tags: { "a.b": 1 } },
  "a dollar in a name": { properties: { desired: { $a: 1 } } },
  "tags of more than 8 KB": { tags: { a: "x".repeat(4096), b: "x".repeat(4096) } },
  "desired properties of more than 32 KB": {
    properties: { desired: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`a${n}`, "x".repeat(4000)])) },
  },
  "a text of more than 4 KB": { properties: { desired: { a: "x".repeat(4097) } } },
  "eleven levels": { properties: { desired: DEEP } },
};

/** What both kinds of enrollments have alike, in the service API of DPS. */
export const ENROLLMENT_ROWS: readonly ConformanceRow[] = [
  ...both((kind) => ({
    name: `PUT of ${kind.name} with keys`,
    source: kind.source,
    request: put(kind),
    status: 200,
    properties: {
      [kind.id]: /^dev-1$/,
      etag: ETAG,
      "attestation.type": /^symmetricKey$/,
      "attestation.symmetricKey.primaryKey": /^[A-Za-z0-9+/]{86}==$/,
      "attestation.symmetricKey.secondaryKey": /^[A-Za-z0-9+/]{86}==$/,
    },
    headers: { etag: "absent" },
  })),
  ...both((kind) => ({
    name: `GET of ${kind.name} has its ETag in the body alone, and no keys`,
    source: kind.source,
    before: [put(kind)],
    request: send(kind),
    status: 200,
    properties: { etag: ETAG, "attestation.type": /^symmetricKey$/, "attestation.symmetricKey": "absent" },
    headers: { etag: "absent" },
  })),
  ...both((kind) => ({
    name: `nulls of ${kind.name}`,
    source: `${RECORDINGS}/test_device_registration*lifecycle`,
    request: put(kind, {
      provisioningStatus: null,
      capabilities: null,
      reprovisionPolicy: null,
      allocationPolicy: null,
      initialTwin: null,
      iotHubs: null,
    }),
    status: 200,
    properties: NULLS,
  })),
  ...both((kind) => ({
    name: `the attestation mechanism of ${kind.name} has the keys`,
    source: kind.source,
    before: [put(kind)],
    request: send(kind, "POST", "/attestationmechanism"),
    status: 200,
    properties: { type: /^symmetricKey$/, "symmetricKey.primaryKey": "string", etag: "absent" },
  })),
  ...both((kind) => ({
    name: `PUT of ${kind.name} with its ETag in If-Match has another ETag then`,
    source: kind.source,
    before: [put(kind)],
    request: (earlier) => put(kind, { provisioningStatus: "disabled" }, earlier("").etag),
    status: 200,
    properties: { provisioningStatus: /^disabled$/, etag: ETAG },
  })),
  ...Object.entries(FORBIDDEN).flatMap(([what, initialTwin]) =>
    both((kind) => ({
      name: `${kind.name} whose initial twin has ${what}`,
      source: "Azure documentation, Understand device twins – Tags and properties format, Device twin size",
      request: put(kind, { initialTwin }),
      status: 400,
      code: 400004,
      differs:
        "Where Azure checks an initial twin, at the PUT or at the registration, is not documented: the PUT is a guess.",
    })),
  ),
  ...both((kind) => ({
    name: `DELETE of ${kind.name} that does not exist`,
    source: kind.source,
    request: send(kind, "DELETE"),
    status: 404,
    code: 404201,
  })),
  ...both((kind) => ({
    name: `a query has ${kind.name} without keys and without the state of its registration`,
    source: kind.source,
    before: [put(kind)],
    request: query(kind),
    status: 200,
    properties: {
      [`0.${kind.id}`]: /^dev-1$/,
      "0.etag": ETAG,
      "0.attestation.type": /^symmetricKey$/,
      "0.attestation.symmetricKey": "absent",
      "0.registrationState": "absent",
    },
    headers: { "x-ms-item-type": "string", "x-ms-continuation": "absent" },
  })),
  ...both((kind) => ({
    name: `${kind.name} with a reprovision policy returns it as sent`,
    source: kind.source,
    request: put(kind, { reprovisionPolicy: REPROVISION }),
    status: 200,
    properties: { reprovisionPolicy: { is: REPROVISION } },
  })),
  {
    name: "GET of an individual enrollment without a device: its registration is unassigned",
    source: INDIVIDUAL.source,
    before: [put(INDIVIDUAL)],
    request: send(INDIVIDUAL),
    status: 200,
    properties: { "registrationState.status": /^unassigned$/ },
  },
  {
    name: "PUT of a group whose keys are null has keys of its own",
    source: GROUP.source,
    request: put(GROUP, { attestation: { ...KEYS, symmetricKey: { primaryKey: null, secondaryKey: null } } }),
    status: 200,
    properties: {
      "attestation.symmetricKey.primaryKey": /^[A-Za-z0-9+/]{86}==$/,
      "attestation.symmetricKey.secondaryKey": /^[A-Za-z0-9+/]{86}==$/,
    },
  },
  {
    name: "PUT of an enrollment of a TPM",
    source: TPM_SOURCE,
    request: tpmPut,
    status: 200,
    properties: { attestation: { is: TPM } },
  },
  {
    name: "GET of an enrollment of a TPM has the endorsement key",
    source: TPM_SOURCE,
    before: [tpmPut],
    request: send(INDIVIDUAL),
    status: 200,
    properties: { attestation: { is: TPM } },
  },
  {
    name: "a query has the endorsement key of a TPM",
    source: TPM_SOURCE,
    before: [tpmPut],
    request: query(INDIVIDUAL),
    status: 200,
    properties: { "0.attestation": { is: TPM } },
  },
  {
    name: "the attestation mechanism of a TPM has the endorsement key",
    source: TPM_SOURCE,
    before: [tpmPut],
    request: send(INDIVIDUAL, "POST", "/attestationmechanism"),
    status: 200,
    properties: { "": { is: TPM } },
  },
];
