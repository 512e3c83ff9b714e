import { type NameKind, nameError } from "../../azure/names";
import { at, namesAfter, type PolicyViolation, type Rule } from "../policyRule";
import {
  DPS_CERTIFICATE,
  ENROLLMENT_GROUP,
  ENROLLMENT_LIST,
  HUB,
  INDIVIDUAL_ENROLLMENT,
  LISTED,
  PROVISIONING_SERVICE,
  RESOURCE_GROUP,
  VERIFIED_CERTIFICATE,
} from "../resourceTypes";

/** An organisation's patterns for names, in addition to Azure's rules; regular expressions. */
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
  /** The configuration key of this toolkit. */
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
  [ENROLLMENT_LIST]: {
    field: LISTED,
    kind: "registrationId",
    key: "registrationId",
    setting: "individualsFile",
  },
});

const check = (value: string, { field, kind, key, setting }: Named, config: Names): readonly PolicyViolation[] => {
  const remedy = `pulumi config set ${setting} <name>`;
  const error = nameError(kind, value);
  if (error !== undefined) return [{ field, value, rule: error, remedy }];
  const pattern = config[key];
  if (pattern === undefined || pattern === "" || new RegExp(pattern).test(value)) return [];
  return [{ field, value, rule: `the name must match ${pattern}`, remedy }];
};

/** Names follow Azure's rules, and the organisation's if configured. */
export const names: Rule<Names> = (resource, config) => {
  const named = NAMED[resource.type];
  if (!named) return [];
  if (resource.type === ENROLLMENT_LIST) {
    return namesAfter(resource, LISTED).flatMap((id) => check(id, { ...named, field: `${LISTED}${id}` }, config));
  }
  const value = at(resource, named.field);
  return typeof value === "string" ? check(value, named, config) : [];
};
