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

/** The type token of a component, for example `zero-touch:iot:IotHub`. */
export const componentType = (name: string): string => `zero-touch:iot:${name}`;

/** The connection string by which a provisioning service is linked to a hub (Azure documentation "Manage linked hubs"). */
export const hubConnectionString = (hostName: string, policy: string, key: string): string =>
  `HostName=${hostName};SharedAccessKeyName=${policy};SharedAccessKey=${key}`;
