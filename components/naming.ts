import { createHash } from "node:crypto";

/**
 * Logical names of resources. Without a name of its own, a resource's name in Azure is the logical name with eight
 * hexadecimal digits, which azure-native adds.
 */

/** The logical name of a component's child. */
export const childName = (component: string, suffix: ChildSuffix): string => `${component}-${suffix}`;

/** The suffixes in use, one for each kind of resource. */
export type ChildSuffix =
  | "rg"
  | "hub"
  | "kv"
  | "kv-name"
  | "kv-access"
  | "kv-crypto-officer"
  | "kv-certificates-officer"
  | "kv-secrets-user"
  | "kv-secrets-officer"
  | "dps"
  | "dps-identity"
  | "dps-hub-role"
  | "dps-links"
  | "ca"
  | "root"
  | "certificate"
  | "enrollment"
  | "enrollments"
  | "registration"
  | "receipt"
  | "revocations"
  | "operator-rg"
  | "operator-identity"
  | "operator-store"
  | "operator-transcripts"
  | "operator-immutability"
  | "operator-role"
  | "operator-environment"
  | "fleet-rg"
  | "fleet-identity"
  | "fleet-store"
  | "fleet-role"
  | "fleet-environment";

/** A name of a CA generation; the first generation, `1`, has the plain name. */
export const generationName = (name: string, generation: string, separator: "-" | " "): string =>
  generation === "1" ? name : `${name}${separator}${generation}`;

/** Whether an ID is in a list of IDs in lower case. */
export const isListed = (ids: readonly string[], id: string): boolean => ids.includes(id.toLowerCase());

/** The type token of a component, for example `zero-touch:iot:IotHub`. */
export const componentType = (name: string): string => `zero-touch:iot:${name}`;

/** The connection string that links a provisioning service to a hub (Azure documentation "Manage linked hubs"). */
export const hubConnectionString = (hostName: string, policy: string, key: string): string =>
  `HostName=${hostName};SharedAccessKeyName=${policy};SharedAccessKey=${key}`;

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The prefix of a vault's name: at most 16 of its 24 characters, as eight digits follow. */
export function vaultNamePrefix(prefix: string): string {
  const cut = prefix.slice(0, 12).replace(/-+/g, "-").replace(/-$/, "");
  return `kv-${cut}-`;
}

/**
 * The logical name of a storage account, of an operator endpoint or a fleet job: lower-case letters and digits, at most 16 of its
 * 24, as eight digits follow.
 */
export const storageAccountPrefix = (prefix: string, use: "op" | "fl" = "op"): string =>
  `${prefix
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 14)}${use}`;

/** The logical name of an operator endpoint's container app: at most 24 of its 32 characters, as eight digits follow. */
export const containerAppName = (prefix: string, instance: string): string => appName(prefix, `operator-${instance}`);

/** The logical name of a fleet's Container Apps job, by the same rule. */
export const fleetJobName = (prefix: string): string => appName(prefix, "fleet");

function appName(prefix: string, suffix: string): string {
  const cut = prefix
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 24 - "-".length - suffix.length);
  return `${cut}-${suffix}`.replace(/^-|-(?=-)/g, "");
}

/** The name of a role assignment: a GUID that is the same at every run, so that there is only one. */
export function roleAssignmentName(scope: string, principalId: string, roleId: string): string {
  const digits = digestOf([scope, principalId, roleId].join("\n").toLowerCase());
  const [a, b, c, d, e] = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(13, 16),
    digits.slice(17, 20),
    digits.slice(20, 32),
  ];
  // UUID version 8, custom (RFC 9562, section 5.8).
  return `${a}-${b}-8${c}-8${d}-${e}`;
}
