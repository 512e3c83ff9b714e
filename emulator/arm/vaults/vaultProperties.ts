import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { isGuid } from "../../kernel/ids";
import { frontError } from "../armErrors";
import { objectAt } from "../armRequest";
import { readPolicies, type StoredPolicy } from "./vaultAccessPolicies";
import { checkNetworkAcls } from "./vaultNetworkRules";

/** The properties of a vault. */
export interface VaultProperties {
  readonly tenantId: string;
  readonly sku: { readonly family: "A"; readonly name: "standard" | "premium" };
  readonly accessPolicies: readonly StoredPolicy[];
  readonly enableRbacAuthorization: boolean;
  readonly softDeleteRetentionInDays: number;
  /** Only ever true: Azure leaves it out while it is off. */
  readonly enablePurgeProtection?: true;
  readonly enabledForDeployment?: boolean;
  readonly enabledForDiskEncryption?: boolean;
  readonly enabledForTemplateDeployment?: boolean;
  readonly networkAcls?: JsonObject;
  readonly publicNetworkAccess: string;
}

/** From this API version on, RBAC is the default (Azure documentation, "API version 2026-02-01"). */
const ROLES_BY_DEFAULT_SINCE = "2026-02-01";

const invalid = (message: string) => frontError(400, "BadRequest", message);

function flag(requested: JsonObject, name: string): boolean | undefined {
  const value = requested[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  throw invalid(`The property "${name}" must be true or false.`);
}

function readSku(requested: JsonObject, before: VaultProperties | undefined): VaultProperties["sku"] {
  const { sku } = requested;
  if (sku === undefined && before) return before.sku;
  const { name, family = "A" } = isObject(sku) ? sku : ({} as JsonObject);
  const known = (["standard", "premium"] as const).find((each) => each === String(name).toLowerCase());
  if (!known || String(family).toUpperCase() !== "A") {
    throw invalid("The parameter sku is not specified: family must be 'A' and name 'standard' or 'premium'.");
  }
  return { family: "A", name: known };
}

function readRetention(requested: JsonObject, before: VaultProperties | undefined): number {
  const days = requested.softDeleteRetentionInDays;
  const fallback = before?.softDeleteRetentionInDays;
  if (days === undefined || days === null) return fallback ?? 90;
  if (typeof days !== "number" || !Number.isInteger(days) || days < 7 || days > 90) {
    throw invalid(`The property "softDeleteRetentionInDays" must be a whole number from 7 to 90, not ${String(days)}.`);
  }
  if (fallback !== undefined && fallback !== days) {
    throw invalid(`The property "softDeleteRetentionInDays" has been set already and it can't be modified.`);
  }
  return days;
}

function checkSoftDelete(requested: JsonObject): void {
  if (flag(requested, "enableSoftDelete") !== false) return;
  throw invalid(
    `The property "enableSoftDelete" cannot be set to false. Soft delete is enabled for every vault and cannot be turned off.`,
  );
}

function readPurgeProtection(
  requested: JsonObject,
  before: VaultProperties | undefined,
): { enablePurgeProtection?: true } {
  const wanted = flag(requested, "enablePurgeProtection");
  if (wanted === false) {
    throw invalid(
      `The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.`,
    );
  }
  return wanted || before?.enablePurgeProtection ? { enablePurgeProtection: true } : {};
}

function readTenant(requested: JsonObject, before: VaultProperties | undefined): string {
  const { tenantId } = requested;
  if (tenantId === undefined && before) return before.tenantId;
  if (isGuid(tenantId)) return tenantId;
  throw invalid("An invalid value was provided for 'tenantId'.");
}

const FLAGS = ["enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"] as const;

/**
 * The properties after a PUT (`before` undefined for a new vault) or a PATCH (`isPatch`: missing properties keep their
 * values). Throws 400, with Azure's messages where they are known.
 */
export function readVaultProperties(
  body: JsonObject,
  { before, isPatch, apiVersion }: { before: VaultProperties | undefined; isPatch: boolean; apiVersion: string },
): VaultProperties {
  const requested = objectAt(body, "properties");
  const fallback = isPatch ? before : undefined;
  checkSoftDelete(requested);
  const byRoles = apiVersion >= ROLES_BY_DEFAULT_SINCE;
  const enableRbacAuthorization =
    flag(requested, "enableRbacAuthorization") ??
    fallback?.enableRbacAuthorization ??
    before?.enableRbacAuthorization ??
    byRoles;
  const policies = requested.accessPolicies ?? undefined;
  if (policies === undefined && !fallback && !enableRbacAuthorization) {
    throw invalid("The parameter accessPolicies is not specified.");
  }
  const flags = FLAGS.flatMap((name): [string, boolean][] => {
    const value = flag(requested, name) ?? fallback?.[name];
    return value === undefined ? [] : [[name, value]];
  });
  if (isObject(requested.networkAcls)) checkNetworkAcls(requested.networkAcls);
  const networkAcls = isObject(requested.networkAcls) ? requested.networkAcls : fallback?.networkAcls;
  return {
    tenantId: readTenant(requested, fallback),
    sku: readSku(requested, fallback),
    accessPolicies: policies === undefined ? (fallback?.accessPolicies ?? []) : readPolicies(policies),
    enableRbacAuthorization,
    softDeleteRetentionInDays: readRetention(requested, before),
    ...readPurgeProtection(requested, before),
    ...Object.fromEntries(flags),
    ...(networkAcls ? { networkAcls } : {}),
    publicNetworkAccess:
      typeof requested.publicNetworkAccess === "string"
        ? requested.publicNetworkAccess
        : (fallback?.publicNetworkAccess ?? "Enabled"),
  };
}
