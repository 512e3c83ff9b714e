import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
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
  if (!Array.isArray(requested) || !requested.every(isObject)) {
    throw devicesError("invalidArgument", "'authorizationPolicies' must be a list of policies.", deps);
  }
  const policies = requested.map((policy) => merged(policy, before, known, deps));
  if (new Set(policies.map(({ keyName }) => keyName.toLowerCase())).size < policies.length) {
    throw devicesError("invalidArgument", "Two authorization policies have the same 'keyName'.", deps);
  }
  return policies;
}

/** Reads a key of a request; undefined where the service chooses it. Errors do not contain the key. */
function readKey(policy: JsonObject, name: "primaryKey" | "secondaryKey", deps: ErrorDependencies) {
  const given = policy[name];
  if (given === undefined || given === null || given === "") return undefined;
  if (typeof given === "string" && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(given)) {
    return given;
  }
  throw devicesError("invalidArgument", `'${name}' of an authorization policy must be base64.`, deps);
}

function merged(
  policy: JsonObject,
  before: readonly SharedAccessPolicy[],
  known: readonly string[],
  deps: ErrorDependencies,
): SharedAccessPolicy {
  const { keyName, rights } = policy;
  if (typeof keyName !== "string" || keyName === "" || typeof rights !== "string") {
    throw devicesError("invalidArgument", "An authorization policy needs 'keyName' and 'rights'.", deps);
  }
  const list = rights.split(",").map((right) => right.trim());
  const unknown = list.find((right) => !known.includes(right));
  if (unknown !== undefined) {
    const message = `'${unknown}' is not a right of an authorization policy. The rights are ${known.join(", ")}.`;
    throw devicesError("invalidArgument", message, deps);
  }
  const old = before.find((item) => item.keyName.toLowerCase() === keyName.toLowerCase());
  return {
    keyName,
    primaryKey: readKey(policy, "primaryKey", deps) ?? old?.primaryKey ?? deps.ids.key(),
    secondaryKey: readKey(policy, "secondaryKey", deps) ?? old?.secondaryKey ?? deps.ids.key(),
    rights: list,
  };
}

/** A policy as `listkeys` returns it. */
export const policyBody = ({ keyName, primaryKey, secondaryKey, rights }: SharedAccessPolicy) => ({
  keyName,
  primaryKey,
  secondaryKey,
  rights: rights.join(", "),
});
