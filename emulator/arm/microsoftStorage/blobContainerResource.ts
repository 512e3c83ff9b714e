import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Request } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { existingResource } from "../armRequest";
import { armIdOf, type Resource } from "../microsoftResources/resourceStore";
import type { BlobContainer } from "./blobContainerStore";
import { immutabilityBody } from "./immutabilityPolicyResource";
import { STORAGE_ACCOUNT_PATH, STORAGE_TYPE } from "./storageAccountResource";

/** The path of the containers of a storage account. */
export const CONTAINERS_PATH = `${STORAGE_ACCOUNT_PATH}/blobServices/default/containers`;
/** The path of one of them. */
export const CONTAINER_PATH = `${CONTAINERS_PATH}/:containerName`;

/** A container, and the account that it is in. */
export interface ContainerOfAccount {
  readonly account: Resource;
  readonly container: BlobContainer;
}

/** The ARM ID of a container. */
export const containerId = (account: Resource, name: string, subscriptionId: string): string =>
  `${armIdOf(account, subscriptionId)}/blobServices/default/containers/${name}`;

/** The container of a request. Throws ARM's `ResourceNotFound` for its account, and 404 `ContainerNotFound`. */
export function existingContainer(request: Request, deps: ArmDependencies): ContainerOfAccount {
  const account = existingResource(request, STORAGE_TYPE, deps);
  const container = deps.blobContainers.named(account.key, request.params.containerName ?? "");
  if (container) return { account, container };
  throw frontError(404, "ContainerNotFound", "The specified container does not exist.");
}

/** A container as PUT returns it (recorded: azure-rest-api-specs#11348), and the lists. */
export function containerBody({ account, container }: ContainerOfAccount, subscriptionId: string): JsonObject {
  const { name, properties, policy } = container;
  return {
    id: containerId(account, name, subscriptionId),
    name,
    type: `${STORAGE_TYPE}/blobServices/containers`,
    properties: {
      deleted: false,
      remainingRetentionDays: 0,
      metadata: {},
      publicAccess: "None",
      ...properties,
      hasImmutabilityPolicy: policy !== undefined,
      hasLegalHold: false,
    },
  };
}

/** A container as GET returns it, with its state and its policy. */
export function containerState(given: ContainerOfAccount, subscriptionId: string): JsonObject {
  const { properties, ...body } = containerBody(given, subscriptionId);
  const { etag, modifiedAt, policy } = given.container;
  return {
    ...body,
    etag: `"${etag}"`,
    properties: {
      defaultEncryptionScope: "$account-encryption-key",
      denyEncryptionScopeOverride: false,
      ...(properties as JsonObject),
      lastModifiedTime: new Date(modifiedAt).toISOString(),
      leaseStatus: "Unlocked",
      leaseState: "Available",
      legalHold: { hasLegalHold: false, tags: [] },
      ...(policy && {
        immutabilityPolicy: {
          etag: `"${policy.etag}"`,
          updateHistory: policy.updateHistory,
          properties: immutabilityBody(policy),
        },
      }),
    },
  };
}
