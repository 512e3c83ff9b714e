import { etagMatches } from "../../kernel/etag";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authenticateCaller } from "../armAuthentication";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { armOperations } from "../armOperations";
import { objectAt, readBody } from "../armRequest";
import { CONTAINER_PATH, type ContainerOfAccount, containerId, existingContainer } from "./blobContainerResource";
import type { StoredImmutabilityPolicy } from "./blobContainerStore";
import { immutabilityBody } from "./immutabilityPolicyResource";
import { STORAGE_TYPE } from "./storageAccountResource";
import { storageEtag } from "./storageEtag";

const refuse = (status: number, reason: string) =>
  frontError(
    status,
    "ContainerImmutabilityPolicyFailure",
    `Operation not allowed on immutability policy with ${reason}.`,
  );

/** Throws 412 for a missing or stale If-Match (seen: pulumi-azure-native#2156). */
function checkEtag({ headers }: Request, policy: StoredImmutabilityPolicy | undefined, isNeeded: boolean): void {
  const given = headers["if-match"];
  if (given === undefined && !isNeeded) return;
  if (given === undefined || !policy || !etagMatches(given, policy.etag)) throw refuse(412, "incorrect etag");
}

/** Throws 409 for a policy in the other state (message: azure-powershell#26148; the status is a guess). */
function checkState(policy: StoredImmutabilityPolicy | undefined, isLocked: boolean): void {
  if ((policy?.isLocked === true) !== isLocked) throw refuse(409, "current state");
}

function response(
  { account, container }: ContainerOfAccount,
  policy: StoredImmutabilityPolicy | undefined,
  { subscriptionId }: ArmDependencies,
): Response {
  const etag = policy ? `"${policy.etag}"` : "";
  return {
    status: 200,
    headers: etag === "" ? {} : { etag },
    body: {
      id: `${containerId(account, container.name, subscriptionId)}/immutabilityPolicies/default`,
      name: "default",
      type: `${STORAGE_TYPE}/blobServices/containers/immutabilityPolicies`,
      etag,
      properties: immutabilityBody(policy),
    },
  };
}

/** Stores a policy, or its removal, and returns it. */
function store(
  found: ContainerOfAccount,
  policy: StoredImmutabilityPolicy | undefined,
  deps: ArmDependencies,
): Response {
  deps.blobContainers.put(found.account.key, { ...found.container, policy });
  return response(found, policy, deps);
}

function changed(
  request: Request,
  update: "put" | "lock" | "extend",
  policy: Omit<StoredImmutabilityPolicy, "etag" | "updateHistory">,
  before: StoredImmutabilityPolicy | undefined,
  deps: ArmDependencies,
): StoredImmutabilityPolicy {
  const entry = {
    update,
    immutabilityPeriodSinceCreationInDays: policy.days,
    timestamp: deps.clock.now().toISOString(),
    objectIdentifier: authenticateCaller(request, deps).objectId,
    tenantId: deps.tenantId,
  };
  return { ...policy, etag: storageEtag(deps), updateHistory: [...(before?.updateHistory ?? []), entry] };
}

/** The days of a body; those of the policy where it has none. Throws 400. */
function daysOf(request: Request, before: StoredImmutabilityPolicy | undefined) {
  const properties = objectAt(readBody(request, "storage.immutabilityPolicy"), "properties");
  const days = Number(properties.immutabilityPeriodSinceCreationInDays ?? before?.days ?? 0);
  if (days >= 1) return { days, properties };
  throw frontError(400, "InvalidRequestContent", "The immutability period since creation in days is missing.");
}

function putPolicy(request: Request, deps: ArmDependencies): Response {
  const found = existingContainer(request, deps);
  const before = found.container.policy;
  checkEtag(request, before, false);
  checkState(before, false);
  const { days, properties } = daysOf(request, before);
  const { allowProtectedAppendWrites, allowProtectedAppendWritesAll } = properties;
  const policy = {
    days,
    isLocked: false,
    allowProtectedAppendWrites: allowProtectedAppendWrites === true,
    allowProtectedAppendWritesAll: allowProtectedAppendWritesAll === true,
  };
  return store(found, changed(request, "put", policy, before, deps), deps);
}

function getPolicy(request: Request, deps: ArmDependencies): Response {
  const found = existingContainer(request, deps);
  return response(found, found.container.policy, deps);
}

function deletePolicy(request: Request, deps: ArmDependencies): Response {
  const found = existingContainer(request, deps);
  checkEtag(request, found.container.policy, true);
  checkState(found.container.policy, false);
  return store(found, undefined, deps);
}

function lockPolicy(request: Request, deps: ArmDependencies): Response {
  const found = existingContainer(request, deps);
  const before = found.container.policy;
  checkEtag(request, before, true);
  checkState(before, false);
  if (!before) throw refuse(409, "current state");
  return store(found, changed(request, "lock", { ...before, isLocked: true }, before, deps), deps);
}

/** A locked policy can be extended five times. */
function extendPolicy(request: Request, deps: ArmDependencies): Response {
  const found = existingContainer(request, deps);
  const before = found.container.policy;
  checkEtag(request, before, true);
  checkState(before, true);
  const { days } = daysOf(request, before);
  const extensions = before?.updateHistory.filter(({ update }) => update === "extend").length ?? 0;
  if (!before || days < before.days || extensions >= 5) throw refuse(409, "current state");
  return store(found, changed(request, "extend", { ...before, days }, before, deps), deps);
}

/** Immutability policies of containers (Azure REST API "Blob Containers"). They are kept; no blob is protected by them. */
export function immutabilityPolicyOperations(deps: ArmDependencies): Operation[] {
  const path = `${CONTAINER_PATH}/immutabilityPolicies/default`;
  return armOperations(deps, [
    ["BlobContainers_CreateOrUpdateImmutabilityPolicy", "PUT", path, putPolicy],
    ["BlobContainers_GetImmutabilityPolicy", "GET", path, getPolicy],
    ["BlobContainers_DeleteImmutabilityPolicy", "DELETE", path, deletePolicy],
    ["BlobContainers_LockImmutabilityPolicy", "POST", `${path}/lock`, lockPolicy],
    ["BlobContainers_ExtendImmutabilityPolicy", "POST", `${path}/extend`, extendPolicy],
  ]);
}
