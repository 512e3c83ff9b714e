import { at, type PolicyViolation, type Resource, type Rule, UNKNOWN } from "../policyRule";
import {
  CONTAINER_APP,
  CONTAINER_ENVIRONMENT,
  IMMUTABILITY_POLICY,
  ROLE_ASSIGNMENT,
  STORAGE_ACCOUNT,
} from "../resourceTypes";

/** A property that must have one of some values; an unknown value passes. */
function mustBe(
  resource: Resource,
  field: string,
  allowed: readonly unknown[],
  { rule, remedy }: Pick<PolicyViolation, "rule" | "remedy">,
): readonly PolicyViolation[] {
  const value = at(resource, field);
  return value === UNKNOWN || allowed.includes(value) ? [] : [{ field, value, rule, remedy }];
}

/** A storage account takes Entra tokens only, over TLS 1.2, and shows nothing to the public. */
export const privateStorage: Rule<unknown> = (resource) => {
  if (resource.type !== STORAGE_ACCOUNT) return [];
  const set = (field: string, value: unknown) =>
    `set ${field} to ${String(value)}, as the component OperatorEndpoint does`;
  return [
    ...mustBe(resource, "allowSharedKeyAccess", [false], {
      rule: "in production a shared key must not be enough to read and delete transcripts",
      remedy: set("allowSharedKeyAccess", false),
    }),
    ...mustBe(resource, "allowBlobPublicAccess", [false], {
      rule: "in production blobs must not be public",
      remedy: set("allowBlobPublicAccess", false),
    }),
    ...mustBe(resource, "minimumTlsVersion", ["TLS1_2", "TLS1_3"], {
      rule: "in production TLS older than 1.2 is refused",
      remedy: set("minimumTlsVersion", "TLS1_2"),
    }),
    ...mustBe(resource, "enableHttpsTrafficOnly", [true, undefined], {
      rule: "in production HTTP without TLS is refused",
      remedy: set("enableHttpsTrafficOnly", true),
    }),
  ];
};

/** How long transcripts are kept at least. */
export interface Retention {
  readonly minimumDays: number;
}

/** Transcripts can be neither changed nor deleted for a time. */
export const immutableTranscripts: Rule<Retention> = (resource, { minimumDays }) => {
  if (resource.type !== IMMUTABILITY_POLICY) return [];
  const field = "immutabilityPeriodSinceCreationInDays";
  const value = at(resource, field);
  const isLong = value === UNKNOWN || (typeof value === "number" && value >= minimumDays);
  const rule = `blobs of the container must stay immutable for at least ${minimumDays} days`;
  const short = isLong
    ? []
    : [{ field, value, rule, remedy: `pulumi config set operatorRetentionDays ${minimumDays}` }];
  const appends = ["allowProtectedAppendWrites", "allowProtectedAppendWritesAll"].flatMap((each) =>
    mustBe(resource, each, [false, undefined], {
      rule: "nothing must be appended to a blob of the container",
      remedy: `set ${each} to false`,
    }),
  );
  return [...short, ...appends];
};

/** Container apps are reached in their virtual network only, and their secrets are in a key vault. */
export const privateContainers: Rule<unknown> = (resource) => {
  if (resource.type === CONTAINER_ENVIRONMENT) {
    return mustBe(resource, "vnetConfiguration.internal", [true], {
      rule: "in production an operator endpoint must not be reached from the internet",
      remedy: "set vnetConfiguration.internal to true, with the subnet of the operators",
    });
  }
  const count = resource.type === CONTAINER_APP ? at(resource, "configuration.secrets.length") : 0;
  return Array.from({ length: typeof count === "number" ? count : 0 }, (_, index): readonly PolicyViolation[] => {
    const field = `configuration.secrets.${index}.value`;
    const value = at(resource, field);
    if (value === undefined || value === null) return [];
    const rule = "in production an app reads its secrets from a key vault, not from its definition";
    return [{ field, value: "[secret]", rule, remedy: "give the secret a keyVaultUrl and an identity" }];
  }).flat();
};

/** Roles that can give roles (Azure documentation, "Azure built-in roles": Privileged). */
const PRIVILEGED: Readonly<Record<string, string>> = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
  "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
  "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
};

/** No identity gets a role by which it can give roles. */
export const noPrivilegedRoles: Rule<unknown> = (resource) => {
  if (resource.type !== ROLE_ASSIGNMENT) return [];
  const field = "roleDefinitionId";
  const value = at(resource, field);
  const role = typeof value === "string" ? PRIVILEGED[value.split("/").at(-1)?.toLowerCase() ?? ""] : undefined;
  if (role === undefined) return [];
  const rule = `in production no identity of a stack is ${role}: it could give itself every other role`;
  return [{ field, value, rule, remedy: "assign the data roles and Contributor, on the resources that it needs" }];
};
