import { at, type PolicyViolation, type Resource, type Rule, UNKNOWN } from "../policyRule";
import { HUB } from "../resourceTypes";

/** The oldest version of TLS that a hub may take. */
export interface MinimumTls {
  readonly minimum: string;
}

/** A hub refuses clients with older TLS, and with it their weak ciphers. */
export const minimumTls: Rule<MinimumTls> = (resource, { minimum }) => {
  if (resource.type !== HUB) return [];
  const field = "properties.minTlsVersion";
  const value = at(resource, field);
  if (value === UNKNOWN || (typeof value === "string" && Number(value) >= Number(minimum))) return [];
  const remedy =
    `pulumi config set minimumTls ${minimum}; ` +
    "Azure does not change it on an existing hub: replace the hub, or exempt it";
  return [{ field, value, rule: `the hub must refuse TLS older than ${minimum}`, remedy }];
};

/** How far shared keys are to be off: for devices, or for services as well. */
export interface LocalAuth {
  readonly scope: "devices" | "all";
}

function off(resource: Resource, field: string, who: string, remedy: string): readonly PolicyViolation[] {
  const value = at(resource, field);
  if (value === true || value === UNKNOWN) return [];
  return [{ field, value, rule: `in production ${who} must not come in by shared keys`, remedy }];
}

/** Shared keys are off: devices have certificates, and services have Entra. */
export const localAuthOff: Rule<LocalAuth> = (resource, { scope }) => {
  if (resource.type !== HUB) return [];
  const remedy = "pulumi config set localAuth serviceOnly";
  const devices = [
    ...off(resource, "properties.disableDeviceSAS", "devices", remedy),
    ...off(resource, "properties.disableModuleSAS", "modules", remedy),
  ];
  const linked =
    "link the provisioning service by a managed identity first: linked by a connection string it comes in by a shared " +
    'key itself; or set scope to "devices"';
  return scope === "all" ? [...devices, ...off(resource, "properties.disableLocalAuth", "services", linked)] : devices;
};
