import { at, type PolicyViolation, type Resource, type Rule, UNKNOWN } from "../policyRule";
import { HUB } from "../resourceTypes";

/** The oldest TLS version that a hub may accept. */
export interface MinimumTls {
  readonly minimum: string;
}

/** A hub refuses clients with older TLS and its weak ciphers. */
export const minimumTls: Rule<MinimumTls> = (resource, { minimum }) => {
  if (resource.type !== HUB) return [];
  const field = "properties.minTlsVersion";
  const value = at(resource, field);
  if (value === UNKNOWN || (typeof value === "string" && Number(value) >= Number(minimum))) return [];
  const remedy =
    `set minTlsVersion: "${minimum}" at the hub (component IotHub: minimumTls; in the toolkit's own stack ` +
    `pulumi config set minimumTls ${minimum}); ` +
    "Azure does not change it on an existing hub: replace the hub, or exempt it";
  return [{ field, value, rule: `the hub must refuse TLS older than ${minimum}`, remedy }];
};

/** Which clients may not use shared keys: devices, or services as well. */
export interface LocalAuth {
  readonly scope: "devices" | "all";
}

function off(resource: Resource, field: string, clients: string, remedy: string): readonly PolicyViolation[] {
  const value = at(resource, field);
  if (value === true || value === UNKNOWN) return [];
  return [{ field, value, rule: `in production ${clients} must not connect by shared keys`, remedy }];
}

/** Shared keys are off: devices use certificates, services use Entra. */
export const localAuthOff: Rule<LocalAuth> = (resource, { scope }) => {
  if (resource.type !== HUB) return [];
  const remedy =
    "set disableDeviceSAS and disableModuleSAS (component IotHub: localAuth; " +
    `in the toolkit's own stack pulumi config set localAuth ${scope === "all" ? "off" : "serviceOnly"})`;
  const devices = [
    ...off(resource, "properties.disableDeviceSAS", "devices", remedy),
    ...off(resource, "properties.disableModuleSAS", "modules", remedy),
  ];
  const linked =
    "link the provisioning service by its identity (component ProvisioningService: linkBy), then set disableLocalAuth " +
    "(component IotHub: localAuth; in the toolkit's own stack pulumi config set localAuth off); where services need " +
    'shared keys, set scope to "devices"';
  return scope === "all" ? [...devices, ...off(resource, "properties.disableLocalAuth", "services", linked)] : devices;
};
