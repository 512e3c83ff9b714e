import { at, type PolicyViolation, type Resource, type Rule } from "../policyRule";
import { CERTIFICATE_AUTHORITY, DEVICE_CERTIFICATE } from "../resourceTypes";

/** Maximum lifetimes, in days. */
export interface Lifetimes {
  readonly deviceDays: number;
  readonly intermediateDays: number;
  readonly rootDays: number;
}

/** Defaults: thirteen months, five years, twenty years. */
export const LIFETIMES: Lifetimes = Object.freeze({ deviceDays: 398, intermediateDays: 1830, rootDays: 7305 });

function longest(resource: Resource, field: string, most: number, key: string): readonly PolicyViolation[] {
  const value = at(resource, field);
  if (typeof value !== "number" || value <= most) return [];
  const rule = `a certificate of this kind is valid for at most ${most} days`;
  return [{ field, value, rule, remedy: `pulumi config set ${key} ${most}, or fewer days` }];
}

/** Certificates expire: Azure reads no revocation lists, so lifetimes must be limited. */
export const certificateLifetimes: Rule<Lifetimes> = (resource, { deviceDays, intermediateDays, rootDays }) => {
  if (resource.type === DEVICE_CERTIFICATE) {
    return longest(resource, "lifetimeDays", deviceDays, "deviceLifetimeDays");
  }
  if (resource.type !== CERTIFICATE_AUTHORITY) return [];
  return [
    ...longest(resource, "intermediateLifetimeDays", intermediateDays, "intermediateLifetimeDays"),
    ...longest(resource, "rootLifetimeDays", rootDays, "rootLifetimeDays"),
  ];
};
