import type { NameKind } from "../../azure/names";
import { isObject } from "../../azure/wire/jsonObject";

/** A parameter that a data-plane request has, and the rule of its value. */
export const DATA_PLANE_PARAMETERS = Object.freeze({
  RegistrationId: "registrationId",
  EnrollmentGroupId: "enrollmentGroupId",
  DeviceId: "deviceId",
} satisfies Record<string, NameKind>);

export type DataPlaneParameter = keyof typeof DATA_PLANE_PARAMETERS;

/** A request to a data plane of the stack: the provisioning service's service API, or the hub's. */
export interface DataPlaneRequest {
  /** The operation's name in Azure's REST specifications. */
  readonly name: string;
  readonly service: "dps" | "hub";
  readonly method: "GET" | "POST" | "DELETE";
  readonly parameter: DataPlaneParameter;
  /** The path for an ID, which is encoded. */
  path(id: string): string;
}

/** The requests that an unlocked session can send (Azure REST API, "Device Provisioning Service" and "IoT Hub"). */
export const DATA_PLANE_REQUESTS: readonly DataPlaneRequest[] = Object.freeze([
  {
    name: "IndividualEnrollment_Get",
    service: "dps",
    method: "GET",
    parameter: "RegistrationId",
    path: (id) => `/enrollments/${id}`,
  },
  {
    name: "EnrollmentGroup_Get",
    service: "dps",
    method: "GET",
    parameter: "EnrollmentGroupId",
    path: (id) => `/enrollmentGroups/${id}`,
  },
  {
    name: "DeviceRegistrationState_Get",
    service: "dps",
    method: "GET",
    parameter: "RegistrationId",
    path: (id) => `/registrations/${id}`,
  },
  {
    name: "DeviceRegistrationState_Query",
    service: "dps",
    method: "POST",
    parameter: "EnrollmentGroupId",
    path: (id) => `/registrations/${id}/query`,
  },
  {
    name: "DeviceRegistrationState_Delete",
    service: "dps",
    method: "DELETE",
    parameter: "RegistrationId",
    path: (id) => `/registrations/${id}`,
  },
  { name: "Devices_GetIdentity", service: "hub", method: "GET", parameter: "DeviceId", path: (id) => `/devices/${id}` },
  { name: "Devices_GetTwin", service: "hub", method: "GET", parameter: "DeviceId", path: (id) => `/twins/${id}` },
] satisfies DataPlaneRequest[]);

/** Members of responses that are secret. */
const SECRET_MEMBERS: ReadonlySet<string> = new Set(["primaryKey", "secondaryKey", "connectionString", "token"]);

/** A response with `[secret]` in place of keys and connection strings: transcripts hold no secrets. */
export function withoutKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKeys);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    SECRET_MEMBERS.has(name) && typeof member === "string" && member !== "" ? "[secret]" : withoutKeys(member),
  ]);
  return Object.fromEntries(members);
}
