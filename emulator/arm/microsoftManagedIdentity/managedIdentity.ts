import { parseIdentityId } from "../../../azure/resourceIds";
import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import type { Resource, StoredIdentity } from "../microsoftResources/resourceStore";

/** The type of user-assigned identities. */
export const IDENTITY_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities";

const TYPES = [
  "None",
  "SystemAssigned",
  "UserAssigned",
  "SystemAssigned, UserAssigned",
] as const satisfies readonly StoredIdentity["type"][];

/** Object ID and client ID of a new service principal. */
export const newPrincipal = ({ ids }: Pick<ArmDependencies, "ids">) => ({
  principalId: ids.guid(),
  clientId: ids.guid(),
});

const normal = (text: unknown): string => String(text).toLowerCase().replace(/\s+/g, "");

function readType(given: unknown): StoredIdentity["type"] {
  return TYPES.find((each) => normal(each) === normal(given)) ?? "None";
}

/** The user-assigned identity of an ARM ID, if it exists. */
export function userAssigned(id: string, { resources }: Pick<ArmDependencies, "resources">): Resource | undefined {
  const parsed = parseIdentityId(id);
  return parsed && resources.named(IDENTITY_TYPE, parsed.name, parsed.resourceGroup);
}

/** Reads the IDs of a request: `null` removes one in a PATCH. Throws 400 for an identity that does not exist. */
function readUserAssigned(
  given: unknown,
  before: StoredIdentity["userAssignedIdentities"] = {},
  deps: ArmDependencies,
): Record<string, JsonObject> {
  const listed = new Map(Object.keys(before).map((id) => [id.toLowerCase(), id]));
  for (const [id, value] of Object.entries(isObject(given) ? given : {})) {
    if (parseIdentityId(id) === undefined) {
      const message = `Property id '${id}' at path 'identity.userAssignedIdentities' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.`;
      throw frontError(400, "LinkedInvalidPropertyId", message);
    }
    if (value === null) listed.delete(id.toLowerCase());
    else if (userAssigned(id, deps)) listed.set(id.toLowerCase(), id);
    else {
      const message = `Identity operation for the resource failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"Resource '${id}' was not found."}}'.'`;
      throw frontError(400, "FailedIdentityOperation", message);
    }
  }
  return Object.fromEntries([...listed.values()].map((id) => [id, {}]));
}

/**
 * The identity of a body that a schema has checked, after a PUT, or after a PATCH, which adds to the user-assigned ones. A request without one changes none. The
 * principal of a system-assigned identity stays as long as it is assigned. Throws 400.
 */
export function readIdentity(
  given: unknown,
  before: StoredIdentity | undefined,
  isPatch: boolean,
  deps: ArmDependencies,
): StoredIdentity | undefined {
  if (!isObject(given)) return before;
  const type = readType(given.type ?? (isPatch ? before?.type : undefined));
  const hasSystem = type.startsWith("System");
  const hasUser = type.endsWith("UserAssigned");
  const listed = readUserAssigned(
    given.userAssignedIdentities,
    isPatch ? before?.userAssignedIdentities : undefined,
    deps,
  );
  if (hasUser && Object.keys(listed).length === 0) {
    const message = `The identity ids must not be null or empty for '${type}' identity type.`;
    throw frontError(400, "MissingIdentityIds", message);
  }
  const { principalId, clientId } = before?.principalId === undefined ? newPrincipal(deps) : before;
  return {
    type,
    ...(hasSystem ? { principalId, clientId } : {}),
    ...(hasUser ? { userAssignedIdentities: listed } : {}),
  };
}

/** `identity` as ARM returns it. A user-assigned identity that was deleted meanwhile has no principal. */
export function identityBody(stored: StoredIdentity | undefined, deps: ArmDependencies): JsonObject | undefined {
  if (!stored) return undefined;
  const { type, principalId, userAssignedIdentities = {} } = stored;
  const users = Object.keys(userAssignedIdentities).map((id): [string, JsonObject] => {
    const { clientId, principalId: user } = userAssigned(id, deps)?.properties ?? {};
    return [id, { clientId, principalId: user }];
  });
  return {
    type,
    ...(principalId === undefined ? {} : { principalId }),
    ...(type === "None" ? {} : { tenantId: deps.tenantId }),
    ...(users.length > 0 ? { userAssignedIdentities: Object.fromEntries(users) } : {}),
  };
}
