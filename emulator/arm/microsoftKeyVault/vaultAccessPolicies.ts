/** The kinds of objects that permissions are for. */
const KINDS = ["keys", "secrets", "certificates", "storage"] as const;
type Kind = (typeof KINDS)[number];

/** An access policy as stored, in the letter case of the request. */
export interface StoredPolicy {
  readonly tenantId: string;
  readonly objectId: string;
  readonly applicationId?: string;
  readonly permissions: Readonly<Partial<Record<Kind, readonly string[]>>>;
}

/** Access policies of a request that a schema has checked, without members that are not stored. */
export const readPolicies = (given: unknown): StoredPolicy[] =>
  (given as StoredPolicy[]).map(({ tenantId, objectId, applicationId, permissions }) => ({
    tenantId,
    objectId,
    ...(applicationId && { applicationId }),
    permissions: Object.fromEntries(
      KINDS.flatMap((kind) => (permissions[kind] ? [[kind, [...new Set(permissions[kind])]]] : [])),
    ),
  }));

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
