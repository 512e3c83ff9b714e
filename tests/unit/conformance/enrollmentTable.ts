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
  ...both((kind) => ({
    name: `DELETE of ${kind.name} that does not exist`,
    source: kind.source,
    request: send(kind, "DELETE"),
    status: 404,
    code: 404201,
  })),
];
