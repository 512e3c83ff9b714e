import { isObject, type JsonObject } from "../../../azure/wire/jsonObject";
import { frontError } from "../armErrors";

/** The permissions by the kind of object (REST reference, "Vaults – Create Or Update", Permissions). */
const KNOWN = Object.freeze({
  keys: "all encrypt decrypt wrapKey unwrapKey sign verify get list create update import delete backup restore recover purge release rotate getrotationpolicy setrotationpolicy",
  secrets: "all get list set delete backup restore recover purge",
  certificates:
    "all get list delete create import update managecontacts getissuers listissuers setissuers deleteissuers manageissuers recover purge backup restore",
  storage: "all get list delete set update regeneratekey recover purge backup restore setsas listsas getsas deletesas",
} as const);

type Kind = keyof typeof KNOWN;
const KINDS = Object.keys(KNOWN) as Kind[];

/** An access policy as stored, in the letter case of the request. */
export interface StoredPolicy {
  readonly tenantId: string;
  readonly objectId: string;
  readonly applicationId?: string;
  readonly permissions: Readonly<Partial<Record<Kind, readonly string[]>>>;
}

const invalid = (message: string) => frontError(400, "BadRequest", message);

function readPermissions(given: unknown): StoredPolicy["permissions"] {
  if (!isObject(given)) throw invalid("The parameter permissions of an access policy is not specified.");
  const entries = KINDS.flatMap((kind): [Kind, string[]][] => {
    const names = given[kind];
    if (names === undefined || names === null) return [];
    const known: readonly string[] = KNOWN[kind].toLowerCase().split(" ");
    if (!Array.isArray(names)) throw invalid(`permissions.${kind} of an access policy must be a list.`);
    const unknown = names.find((name) => typeof name !== "string" || !known.includes(name.toLowerCase()));
    if (unknown !== undefined) {
      throw invalid(
        `'${String(unknown)}' is not a permission for ${kind}. The permissions are ${KNOWN[kind].replaceAll(" ", ", ")}.`,
      );
    }
    return [[kind, [...new Set(names as string[])]]];
  });
  return Object.fromEntries(entries);
}

/** Reads a list of access policies; throws 400. */
export function readPolicies(given: unknown): StoredPolicy[] {
  if (!Array.isArray(given)) throw invalid("The parameter accessPolicies must be a list.");
  return given.map((policy): StoredPolicy => {
    const { tenantId, objectId, applicationId, permissions } = isObject(policy) ? policy : ({} as JsonObject);
    if (typeof tenantId !== "string" || typeof objectId !== "string" || tenantId === "" || objectId === "") {
      throw invalid("An access policy needs tenantId, objectId and permissions.");
    }
    return {
      tenantId,
      objectId,
      ...(typeof applicationId === "string" ? { applicationId } : {}),
      permissions: readPermissions(permissions),
    };
  });
}

/** The kinds of `PUT …/accessPolicies/{kind}`. */
export type PolicyChange = "add" | "replace" | "remove";

const identityOf = ({ tenantId, objectId, applicationId = "" }: StoredPolicy): string =>
  [tenantId, objectId, applicationId].join("/").toLowerCase();

function merged(before: StoredPolicy, change: StoredPolicy, kind: PolicyChange): StoredPolicy {
  if (kind === "replace") return change;
  const permissions = KINDS.flatMap((each): [Kind, string[]][] => {
    const [existing, named] = [before.permissions[each] ?? [], change.permissions[each] ?? []];
    const isNamed = (name: string) => named.some((other) => other.toLowerCase() === name.toLowerCase());
    const rest = existing.filter((name) => !isNamed(name));
    const result = kind === "add" ? [...rest, ...named] : rest;
    return result.length > 0 ? [[each, result]] : [];
  });
  return { ...before, permissions: Object.fromEntries(permissions) };
}

/** The policies after a change; a policy without any permission is removed. */
export function changedPolicies(
  before: readonly StoredPolicy[],
  changes: readonly StoredPolicy[],
  kind: PolicyChange,
): StoredPolicy[] {
  const result = new Map(before.map((policy) => [identityOf(policy), policy]));
  for (const change of changes) {
    const known = result.get(identityOf(change));
    if (known) result.set(identityOf(change), merged(known, change, kind));
    else if (kind !== "remove") result.set(identityOf(change), change);
  }
  const isUseful = ({ permissions }: StoredPolicy) => Object.values(permissions).some((names) => names.length > 0);
  return [...result.values()].filter((policy) => kind !== "remove" || isUseful(policy));
}
