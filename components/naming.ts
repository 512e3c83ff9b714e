import { createHash } from "node:crypto";

/**
 * The logical names of resources, pure. Azure's names follow from them: azure-native adds eight hexadecimal digits to a
 * logical name where no name is given, so that names unique in all of Azure need no thought.
 */

/** What a component's children are called: `${component}-${suffix}`. */
export const childName = (component: string, suffix: ChildSuffix): string => `${component}-${suffix}`;

/** The suffixes in use; one a kind of resource, so that a name says what it is. */
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
  | "ca"
  | "root"
  | "certificate"
  | "enrollment"
  | "enrollments"
  | "registration"
  | "revocations";

/** A name of a CA generation: the first one, `1`, has the plain name. Common names are parted by a space, others by "-". */
export const generationName = (name: string, generation: string, separator: "-" | " "): string =>
  generation === "1" ? name : `${name}${separator}${generation}`;

/** The names of a hierarchy's keys in a vault. */
export const caKeyNames = (prefix: string) => ({
  rootKeyName: `${prefix}-root`,
  intermediateKeyName: `${prefix}-intermediate`,
});

/** The type token of a component, for example `zero-touch:iot:IotHub`. */
export const componentType = (name: string): string => `zero-touch:iot:${name}`;

/** The connection string by which a provisioning service is linked to a hub (Azure documentation "Manage linked hubs"). */
export const hubConnectionString = (hostName: string, policy: string, key: string): string =>
  `HostName=${hostName};SharedAccessKeyName=${policy};SharedAccessKey=${key}`;

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What the name of a vault begins with: 16 characters at most, as a vault's name has 24 and eight digits follow. */
export function vaultNamePrefix(prefix: string): string {
  const cut = prefix.slice(0, 12).replace(/-+/g, "-").replace(/-$/, "");
  return `kv-${cut}-`;
}

/** The name of a role assignment: a GUID that is the same at every run, so that a second one cannot arise. */
export function roleAssignmentName(scope: string, principalId: string, roleId: string): string {
  const digits = digestOf([scope, principalId, roleId].join("\n").toLowerCase());
  const [a, b, c, d, e] = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(13, 16),
    digits.slice(17, 20),
    digits.slice(20, 32),
  ];
  // Version 8, of one's own making (RFC 9562, 5.8).
  return `${a}-${b}-8${c}-8${d}-${e}`;
}
