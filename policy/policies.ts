/** The policies: name, enforcement level, configuration and rule of each. */
import type { EnforcementLevel, PolicyConfigSchema } from "@pulumi/policy";
import type { Rule } from "./policyRule";
import { PRODUCTION_STACKS } from "./productionStacks";
import { localAuthOff, minimumTls } from "./rules/hubRules";
import { certificateLifetimes, LIFETIMES } from "./rules/lifetimeRules";
import { allowedLocations, allowedSkus, requiredTags } from "./rules/locationRules";
import { names } from "./rules/nameRules";
import { immutableTranscripts, noPrivilegedRoles, privateContainers, privateStorage } from "./rules/operatorRules";
import { protectedResources, provenRoots, verifiedRoots } from "./rules/rootRules";
import { linkedByIdentity, noSharedKeys } from "./rules/sharedKeyRules";

type Properties = NonNullable<PolicyConfigSchema["properties"]>;

/** One policy. */
export interface PolicyEntry {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Default enforcement level. */
  readonly level: EnforcementLevel;
  /** Applies to production stacks only. */
  readonly isForProduction: boolean;
  /** Configuration with defaults; policies for production also have `productionStacks`. */
  readonly properties: Properties;
  readonly rule: Rule<never>;
}

const texts = (initial: readonly string[]) =>
  ({ type: "array", items: { type: "string" }, default: [...initial] }) as const;
const days = (initial: number) => ({ type: "integer", minimum: 1, default: initial }) as const;
const units = { type: "integer", minimum: 1, maximum: 200, default: 200 } as const;
const pattern = { type: "string", format: "regex" } as const;

const policy = <C>(
  name: string,
  description: string,
  rule: Rule<C>,
  more: Partial<Pick<PolicyEntry, "level" | "isForProduction" | "properties">> = {},
): PolicyEntry => ({ name, description, level: "mandatory", isForProduction: false, properties: {}, ...more, rule });

const production = { isForProduction: true } as const;

/** Every policy of the pack, in the order of the documentation. */
export const POLICIES: readonly PolicyEntry[] = Object.freeze([
  policy("root-verified", "Every CA certificate of a provisioning service is verified.", verifiedRoots),
  policy("root-proven", "Possession of a root's key is proven, not asserted.", provenRoots, production),
  policy("protected-resources", "Pulumi refuses to delete what devices depend on.", protectedResources, production),
  policy("certificate-lifetimes", "Certificate lifetimes stay within the configured limits.", certificateLifetimes, {
    properties: {
      deviceDays: days(LIFETIMES.deviceDays),
      intermediateDays: days(LIFETIMES.intermediateDays),
      rootDays: days(LIFETIMES.rootDays),
    },
  }),
  policy("minimum-tls", "A hub refuses clients with older TLS.", minimumTls, {
    properties: { minimum: { type: "string", pattern: "^1\\.[0-9]$", default: "1.2" } },
  }),
  policy("local-auth-off", "A hub accepts no shared keys.", localAuthOff, {
    ...production,
    properties: { scope: { type: "string", enum: ["devices", "all"], default: "all" } },
  }),
  policy("no-shared-keys", "No shared keys where certificates or Entra can be used.", noSharedKeys, production),
  policy("hub-linked-by-identity", "A provisioning service holds no key of its hub.", linkedByIdentity, production),
  policy(
    "private-storage",
    "Storage accounts take Entra tokens only, and show nothing to the public.",
    privateStorage,
    production,
  ),
  policy("immutable-transcripts", "Transcripts cannot be changed or deleted for a time.", immutableTranscripts, {
    ...production,
    properties: { minimumDays: days(365) },
  }),
  policy(
    "private-containers",
    "Container apps are reached in their network only, and their secrets are in a key vault.",
    privateContainers,
    production,
  ),
  policy("no-privileged-roles", "No identity gets a role by which it can give roles.", noPrivilegedRoles, production),
  policy("allowed-locations", "Resources are in allowed regions only.", allowedLocations, {
    properties: { locations: texts([]) },
  }),
  policy("allowed-skus", "Tiers and units stay within the configured limits.", allowedSkus, {
    properties: { hubSkus: texts([]), maximumHubUnits: units, maximumServiceUnits: units },
  }),
  policy("required-tags", "Billed resources have the required tags.", requiredTags, {
    properties: { tags: texts([]) },
  }),
  policy("names", "Names follow Azure's rules and the organisation's.", names, {
    properties: {
      resourceGroup: pattern,
      hub: pattern,
      provisioningService: pattern,
      certificate: pattern,
      enrollmentGroup: pattern,
      registrationId: pattern,
    },
  }),
]);

/** The configuration schema of a policy. */
export const schemaOf = ({ isForProduction, properties }: PolicyEntry): PolicyConfigSchema => ({
  properties: { ...properties, ...(isForProduction ? { productionStacks: texts(PRODUCTION_STACKS) } : {}) },
});
