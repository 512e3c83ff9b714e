import type { SharedAccessPolicy } from "../../kernel/directory";
import { devicesError, type ErrorDependencies } from "../armErrors";

/** A default policy of a new service: its name and its rights. */
export type DefaultPolicy = readonly [keyName: string, rights: readonly string[]];

/** New policies with new keys. */
export function defaultPolicies(defaults: readonly DefaultPolicy[], { ids }: ErrorDependencies): SharedAccessPolicy[] {
  return defaults.map(([keyName, rights]) => ({ keyName, primaryKey: ids.key(), secondaryKey: ids.key(), rights }));
}

/**
 * The policies after a request. A request without policies changes none. A list of policies replaces them all; a policy
 * without keys keeps its previous keys, or gets new ones.
 */
export function mergePolicies(
  requested: unknown,
  before: readonly SharedAccessPolicy[],
  known: readonly string[],
  deps: ErrorDependencies,
): readonly SharedAccessPolicy[] {
  if (requested === undefined || requested === null) return before;
  const policies = (requested as RequestedPolicy[]).map((policy) => merged(policy, before, known, deps));
  if (new Set(policies.map(({ keyName }) => keyName.toLowerCase())).size < policies.length) {
    throw devicesError("invalidArgument", "Two authorization policies have the same 'keyName'.", deps);
  }
  return policies;
}

/** A policy of a request that a schema has checked. */
interface RequestedPolicy {
  readonly keyName: string;
  /** The service chooses keys that are null or empty. */
  readonly primaryKey?: string | null;
  readonly secondaryKey?: string | null;
  readonly rights: string;
}

function merged(
  { keyName, rights, ...keys }: RequestedPolicy,
  before: readonly SharedAccessPolicy[],
  known: readonly string[],
  deps: ErrorDependencies,
): SharedAccessPolicy {
  const list = rights.split(",").map((right) => right.trim());
  const unknown = list.find((right) => !known.includes(right));
  if (unknown !== undefined) {
    const message = `'${unknown}' is not a right of an authorization policy. The rights are ${known.join(", ")}.`;
    throw devicesError("invalidArgument", message, deps);
  }
  const old = before.find((item) => item.keyName.toLowerCase() === keyName.toLowerCase());
  return {
    keyName,
    primaryKey: keys.primaryKey || old?.primaryKey || deps.ids.key(),
    secondaryKey: keys.secondaryKey || old?.secondaryKey || deps.ids.key(),
    rights: list,
  };
}

/** A policy as `listkeys` returns it: RegistryWrite stands for RegistryRead too (recorded: azure-cli `test_iot_hub.yaml`). */
export const policyBody = ({ keyName, primaryKey, secondaryKey, rights }: SharedAccessPolicy) => ({
  keyName,
  primaryKey,
  secondaryKey,
  rights: rights.filter((each) => each !== "RegistryRead" || !rights.includes("RegistryWrite")).join(", "),
});
