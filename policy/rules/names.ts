import { type NameKind, nameFault } from "../../azure/names";
import {
  DPS_CERTIFICATE,
  ENROLLMENT_GROUP,
  HUB,
  INDIVIDUAL_ENROLLMENT,
  PROVISIONING_SERVICE,
  RESOURCE_GROUP,
  VERIFIED_CERTIFICATE,
} from "../resourceTypes";
import { at, type Finding, type Rule } from "../subject";

/** Patterns of an organisation's own for names, beside Azure's rules; regular expressions. */
export interface Names {
  readonly resourceGroup?: string;
  readonly hub?: string;
  readonly provisioningService?: string;
  readonly certificate?: string;
  readonly enrollmentGroup?: string;
  readonly registrationId?: string;
}

interface Named {
  readonly field: string;
  readonly kind: NameKind;
  readonly key: keyof Names;
  /** The setting of this toolkit that says it. */
  readonly setting: string;
}

const NAMED: Readonly<Record<string, Named>> = Object.freeze({
  [RESOURCE_GROUP]: {
    field: "resourceGroupName",
    kind: "resourceGroup",
    key: "resourceGroup",
    setting: "resourceGroupName",
  },
  [HUB]: { field: "resourceName", kind: "iotHub", key: "hub", setting: "hubName" },
  [PROVISIONING_SERVICE]: {
    field: "provisioningServiceName",
    kind: "provisioningService",
    key: "provisioningService",
    setting: "provisioningServiceName",
  },
  [DPS_CERTIFICATE]: {
    field: "certificateName",
    kind: "dpsCertificate",
    key: "certificate",
    setting: "rootCertificateName",
  },
  [VERIFIED_CERTIFICATE]: { field: "name", kind: "dpsCertificate", key: "certificate", setting: "rootCertificateName" },
  [ENROLLMENT_GROUP]: {
    field: "enrollmentGroupId",
    kind: "enrollmentGroupId",
    key: "enrollmentGroup",
    setting: "enrollmentGroupId",
  },
  [INDIVIDUAL_ENROLLMENT]: {
    field: "registrationId",
    kind: "registrationId",
    key: "registrationId",
    setting: "individualDevices",
  },
});

/** Names keep Azure's rules, and the organisation's where it has any. */
export const names: Rule<Names> = (resource, config) => {
  const named = NAMED[resource.type];
  const value = named && at(resource, named.field);
  if (!named || typeof value !== "string") return [];
  const { field, setting } = named;
  const remedy = `pulumi config set ${setting} <name>`;
  const fault = nameFault(named.kind, value);
  if (fault !== undefined) return [{ field, value, rule: fault, remedy }];
  const pattern = config[named.key];
  if (pattern === undefined || pattern === "" || new RegExp(pattern).test(value)) return [];
  const finding: Finding = { field, value, rule: `the name must match ${pattern}`, remedy };
  return [finding];
};
