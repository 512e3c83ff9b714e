import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { SharedAccessPolicy } from "../../kernel/directory";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { devicesError } from "../armErrors";

/** A default policy of a new service: its name and its rights. */
export type DefaultPolicy = readonly [keyName: string, rights: readonly string[]];

/** New policies with new keys. */
export function defaultPolicies(
  defaults: readonly DefaultPolicy[],
  { ids }: Pick<SharedDependencies, "ids">,
): SharedAccessPolicy[] {
  return defaults.map(([keyName, rights]) => ({ keyName, primaryKey: ids.key(), secondaryKey: ids.key(), rights }));
}

/**
 * The policies after a request. A request that names none changes none; one that names some gives the whole list, and
 * a policy without keys keeps those that it had, or gets new ones.
 */
export function mergePolicies(
  requested: unknown,
  before: readonly SharedAccessPolicy[],
  known: readonly string[],
  services: Pick<SharedDependencies, "clock" | "ids">,
): readonly SharedAccessPolicy[] {
  if (requested === undefined || requested === null) return before;
  if (!Array.isArray(requested) || !requested.every(isObject)) {
    throw devicesError("invalidArgument", "'authorizationPolicies' must be a list of policies.", services);
  }
  const policies = requested.map((policy) => merged(policy, before, known, services));
  if (new Set(policies.map(({ keyName }) => keyName.toLowerCase())).size < policies.length) {
    throw devicesError("invalidArgument", "Two authorization policies have the same 'keyName'.", services);
  }
  return policies;
}

/** A key of a request, which its text stays out of messages for; undefined where the request leaves it to the service. */
function readKey(
  policy: JsonObject,
  name: "primaryKey" | "secondaryKey",
  services: Pick<SharedDependencies, "clock" | "ids">,
) {
  const given = policy[name];
  if (given === undefined || given === null || given === "") return undefined;
  if (typeof given === "string" && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(given)) {
    return given;
  }
  throw devicesError("invalidArgument", `'${name}' of an authorization policy must be base64.`, services);
}

function merged(
  policy: JsonObject,
  before: readonly SharedAccessPolicy[],
  known: readonly string[],
  services: Pick<SharedDependencies, "clock" | "ids">,
): SharedAccessPolicy {
  const { keyName, rights } = policy;
  if (typeof keyName !== "string" || keyName === "" || typeof rights !== "string") {
    throw devicesError("invalidArgument", "An authorization policy needs 'keyName' and 'rights'.", services);
  }
  const list = rights.split(",").map((right) => right.trim());
  const strange = list.find((right) => !known.includes(right));
  if (strange !== undefined) {
    const message = `'${strange}' is no right of an authorization policy: there are ${known.join(", ")}.`;
    throw devicesError("invalidArgument", message, services);
  }
  const old = before.find((item) => item.keyName.toLowerCase() === keyName.toLowerCase());
  return {
    keyName,
    primaryKey: readKey(policy, "primaryKey", services) ?? old?.primaryKey ?? services.ids.key(),
    secondaryKey: readKey(policy, "secondaryKey", services) ?? old?.secondaryKey ?? services.ids.key(),
    rights: list,
  };
}

/** A policy as listkeys gives it. */
export const policyBody = ({ keyName, primaryKey, secondaryKey, rights }: SharedAccessPolicy) => ({
  keyName,
  primaryKey,
  secondaryKey,
  rights: rights.join(", "),
});
