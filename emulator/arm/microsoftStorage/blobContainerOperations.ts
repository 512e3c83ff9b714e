import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { listResponse } from "../armList";
import { armOperations } from "../armOperations";
import { existingResource, objectAt, readBody } from "../armRequest";
import type { Resource } from "../microsoftResources/resourceStore";
import {
  CONTAINER_PATH,
  CONTAINERS_PATH,
  containerBody,
  containerId,
  containerState,
  existingContainer,
} from "./blobContainerResource";
import type { BlobContainer } from "./blobContainerStore";
import { allowsPublicAccess, STORAGE_TYPE } from "./storageAccountResource";
import { storageEtag } from "./storageEtag";

/** The rule of the Blob service ("Naming and referencing containers"). The code is a guess. */
function checkName(name: string): void {
  if (/^(?:\$root|\$web|\$logs|[a-z0-9](?:-?[a-z0-9]){2,62})$/.test(name)) return;
  const message = `The container name '${name}' is invalid: 3 to 63 lower-case letters, digits and single hyphens, beginning and ending with a letter or digit.`;
  throw frontError(400, "InvalidResourceName", message);
}

function checkPublicAccess(account: Resource, { publicAccess }: JsonObject): void {
  if (publicAccess === undefined || String(publicAccess).toLowerCase() === "none" || allowsPublicAccess(account))
    return;
  throw frontError(409, "PublicAccessNotPermitted", "Public access is not permitted on this storage account.");
}

function written(
  request: Request,
  account: Resource,
  before: BlobContainer | undefined,
  name: string,
  deps: ArmDependencies,
): BlobContainer {
  const given = Object.entries(objectAt(readBody(request, "storage.container"), "properties"));
  const properties = Object.fromEntries(given.filter(([, value]) => value !== null));
  checkPublicAccess(account, properties);
  const container = {
    name,
    etag: storageEtag(deps),
    modifiedAt: deps.clock.now().getTime(),
    properties: { ...before?.properties, ...properties },
    policy: before?.policy,
  };
  deps.blobContainers.put(account.key, container);
  return container;
}

/** PUT of a container in Resource Manager. Nothing is created in Azurite. */
function createContainer(request: Request, deps: ArmDependencies): Response {
  const name = request.params.containerName ?? "";
  const account = existingResource(request, STORAGE_TYPE, deps);
  checkName(name);
  const before = deps.blobContainers.named(account.key, name);
  const container = written(request, account, before, name, deps);
  return { status: before ? 200 : 201, body: containerBody({ account, container }, deps.subscriptionId) };
}

function updateContainer(request: Request, deps: ArmDependencies): Response {
  const { account, container: before } = existingContainer(request, deps);
  const container = written(request, account, before, before.name, deps);
  return { status: 200, body: containerBody({ account, container }, deps.subscriptionId) };
}

function getContainer(request: Request, deps: ArmDependencies): Response {
  const found = existingContainer(request, deps);
  const body = containerState(found, deps.subscriptionId);
  return { status: 200, headers: { etag: String(body.etag) }, body };
}

/** DELETE of a container. Its immutability policy protects blobs, and Resource Manager knows of none here. */
function deleteContainer(request: Request, deps: ArmDependencies): Response {
  const account = existingResource(request, STORAGE_TYPE, deps);
  const name = request.params.containerName ?? "";
  if (!deps.blobContainers.named(account.key, name)) return { status: 204 };
  deps.blobContainers.remove(account.key, name);
  deps.roleAssignments.removeBelow(containerId(account, name, deps.subscriptionId));
  return { status: 200 };
}

function listContainers(request: Request, deps: ArmDependencies): Response {
  const account = existingResource(request, STORAGE_TYPE, deps);
  const containers = deps.blobContainers.list(account.key);
  return listResponse(
    request,
    containers.map((container) => containerBody({ account, container }, deps.subscriptionId)),
  );
}

/** Containers of storage accounts in the control plane (Azure REST API "Blob Containers"). */
export const blobContainerOperations = (deps: ArmDependencies): Operation[] =>
  armOperations(deps, [
    ["BlobContainers_Create", "PUT", CONTAINER_PATH, createContainer],
    ["BlobContainers_Get", "GET", CONTAINER_PATH, getContainer],
    ["BlobContainers_Update", "PATCH", CONTAINER_PATH, updateContainer],
    ["BlobContainers_Delete", "DELETE", CONTAINER_PATH, deleteContainer],
    ["BlobContainers_List", "GET", CONTAINERS_PATH, listContainers],
  ]);
