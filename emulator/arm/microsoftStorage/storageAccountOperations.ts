import { nameError } from "../../../azure/names";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { listResponse } from "../armList";
import { armOperations } from "../armOperations";
import {
  existingResource,
  groupOf,
  NAME,
  objectAt,
  readBody,
  requestedName,
  resourceOf,
  SUBSCRIPTION_PATH,
  tagsOf,
} from "../armRequest";
import { removeResource } from "../cascadingDelete";
import { readIdentity } from "../microsoftManagedIdentity/managedIdentity";
import { newEtag, type Resource } from "../microsoftResources/resourceStore";
import { trackedResource } from "../trackedResource";
import { checkAccountDeletable } from "./lockedContainers";
import {
  accountProperties,
  STORAGE_ACCOUNT_PATH,
  STORAGE_ACCOUNTS_PATH,
  STORAGE_TYPE,
  storageAccountBody,
} from "./storageAccountResource";

/** Azure's message for a name that breaks the rule. */
const nameMessage = (name: string): string =>
  `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`;

function checkName(name: string, before: Resource | undefined, group: string): void {
  if (nameError("storageAccount", name)) throw frontError(400, "AccountNameInvalid", nameMessage(name));
  if (!before || before.group.toLowerCase() === group.toLowerCase()) return;
  const message = `The account ${name} is already in another resource group in this subscription.`;
  throw frontError(409, "StorageAccountInAnotherResourceGroup", message);
}

/**
 * PUT of a storage account: 202 for a new one, 200 for another. The account is a resource only: the local Azure has no keys
 * for it, and requests for its blobs go to Azurite, if one is set.
 */
function createAccount(request: Request, deps: ArmDependencies): Response {
  const name = request.params[NAME] ?? "";
  const body = readBody(request, "storage.createAccount");
  const before = deps.resources.named(STORAGE_TYPE, name);
  checkName(name, before, groupOf(request, deps)?.name ?? "");
  const planned = trackedResource(request, STORAGE_TYPE, body, before, deps);
  const properties = {
    ...accountProperties(planned.properties, before?.properties),
    kind: body.kind,
  };
  if (before) {
    const resource = { ...planned, properties, readyAt: before.readyAt };
    deps.resources.put(resource);
    return { status: 200, body: storageAccountBody(resource, deps) };
  }
  const path = `/subscriptions/${deps.subscriptionId}/providers/Microsoft.Storage/locations/${planned.location}/asyncoperations`;
  const { result } = deps.longRunning.start(request, path, planned.readyAt);
  // The operation's result is the account.
  deps.resources.put({ ...planned, properties, scope: operationId(new URL(result).pathname) });
  return { status: 202, headers: { location: result, ...deps.longRunning.retryAfter() } };
}

const operationId = (path: string): string => path.split("/").at(-1) ?? "";

/** The result of the operation that creates an account: the account. */
function getCreated(request: Request, deps: ArmDependencies): Response {
  const response = deps.longRunning.poll(request);
  const resource = deps.resources.scoped(request.params.operationId ?? "");
  return response.status === 200 && resource ? { ...response, body: storageAccountBody(resource, deps) } : response;
}

/** PATCH of a storage account: missing properties keep their values. */
function updateAccount(request: Request, deps: ArmDependencies): Response {
  const before = existingResource(request, STORAGE_TYPE, deps);
  const body = readBody(request, "storage.updateAccount");
  const resource: Resource = {
    ...before,
    tags: tagsOf(body) ?? before.tags,
    sku: { ...before.sku, ...objectAt(body, "sku") },
    identity: readIdentity(body.identity, before.identity, true, deps),
    etag: newEtag(deps),
    properties: {
      ...accountProperties(objectAt(body, "properties"), before.properties),
      kind: body.kind ?? before.properties.kind,
    },
  };
  deps.resources.put(resource);
  return { status: 200, body: storageAccountBody(resource, deps) };
}

const getAccount = (request: Request, deps: ArmDependencies): Response => ({
  status: 200,
  body: storageAccountBody(existingResource(request, STORAGE_TYPE, deps), deps),
});

function deleteAccount(request: Request, deps: ArmDependencies): Response {
  const resource = resourceOf(request, STORAGE_TYPE, deps);
  if (!resource) return { status: 204 };
  checkAccountDeletable(resource, deps);
  removeResource(resource, deps);
  return { status: 200 };
}

function listAccounts(request: Request, deps: ArmDependencies): Response {
  const accounts = deps.resources.list({ type: STORAGE_TYPE, group: groupOf(request, deps)?.name });
  return listResponse(
    request,
    accounts.map((each) => storageAccountBody(each, deps)),
  );
}

function checkNameAvailability(request: Request, deps: ArmDependencies): Response {
  const name = requestedName(request);
  if (nameError("storageAccount", name)) {
    return { status: 200, body: { nameAvailable: false, reason: "AccountNameInvalid", message: nameMessage(name) } };
  }
  if (!deps.resources.named(STORAGE_TYPE, name)) return { status: 200, body: { nameAvailable: true } };
  const message = `The storage account named ${name} is already taken.`;
  return { status: 200, body: { nameAvailable: false, reason: "AlreadyExists", message } };
}

/** Storage accounts in the control plane (Azure REST API "Storage Resource Provider – Storage Accounts"), without keys. */
export function storageAccountOperations(deps: ArmDependencies): Operation[] {
  const provider = `${SUBSCRIPTION_PATH}/providers/Microsoft.Storage`;
  return armOperations(deps, [
    ["StorageAccounts_Create", "PUT", STORAGE_ACCOUNT_PATH, createAccount],
    ["StorageAccounts_GetProperties", "GET", STORAGE_ACCOUNT_PATH, getAccount],
    ["StorageAccounts_Update", "PATCH", STORAGE_ACCOUNT_PATH, updateAccount],
    ["StorageAccounts_Delete", "DELETE", STORAGE_ACCOUNT_PATH, deleteAccount],
    ["StorageAccounts_ListByResourceGroup", "GET", STORAGE_ACCOUNTS_PATH, listAccounts],
    ["StorageAccounts_List", "GET", `${provider}/storageAccounts`, listAccounts],
    ["StorageAccounts_CheckNameAvailability", "POST", `${provider}/checkNameAvailability`, checkNameAvailability],
    ["AsyncOperation_Get", "GET", `${provider}/locations/:location/asyncoperations/:operationId`, getCreated],
  ]);
}
