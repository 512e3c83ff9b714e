import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { listResponse } from "../armList";
import { armOperations } from "../armOperations";
import { existingResource, groupOf, NAME, RESOURCE_GROUP_PATH, resourceOf, SUBSCRIPTION_PATH } from "../armRequest";
import { removeResource } from "../cascadingDelete";
import type { Resource } from "../microsoftResources/resourceStore";

/** The resource types of Container Apps. */
export const ENVIRONMENT_TYPE = "Microsoft.App/managedEnvironments";
export const APP_TYPE = "Microsoft.App/containerApps";
export const JOB_TYPE = "Microsoft.App/jobs";

type BodyOf = (resource: Resource, deps: ArmDependencies) => JsonObject;

/** `Succeeded`, or `InProgress` while a PUT's operation runs. */
export const provisioningState = ({ readyAt }: Resource, { clock }: ArmDependencies): string =>
  clock.now().getTime() >= readyAt ? "Succeeded" : "InProgress";

/** An object without members that are null or undefined, at every depth. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(members.map(([key, each]) => [key, withoutNulls(each)]));
}

/** The path of the operations of a region, without IDs; `kind` is `managedEnvironment`, `containerapp` or `containerappsjob` (Azure documentation, "Azure permissions for Containers"). */
const operationsPath = (kind: string, location: string, what: "Statuses" | "Results", subscriptionId: string): string =>
  `/subscriptions/${subscriptionId}/providers/Microsoft.App/locations/${location}/${kind}Operation${what}`;

/** Stores the resource of a PUT; returns 201 and where to poll. */
export function stored(
  request: Request,
  resource: Resource,
  kind: string,
  bodyOf: BodyOf,
  deps: ArmDependencies,
): Response {
  deps.resources.put(resource);
  const path = operationsPath(kind, resource.location, "Statuses", deps.subscriptionId);
  const { status } = deps.longRunning.start(request, path, resource.readyAt);
  const headers = { "azure-asyncoperation": status, ...deps.longRunning.retryAfter() };
  return { status: 201, headers, body: bodyOf(resource, deps) };
}

/** DELETE of a resource: 202 and where to poll, 204 where it does not exist. */
export function removed(request: Request, type: string, kind: string, deps: ArmDependencies): Response {
  const resource = resourceOf(request, type, deps);
  if (!resource) return { status: 204 };
  removeResource(resource, deps);
  const path = operationsPath(kind, resource.location, "Results", deps.subscriptionId);
  const { result } = deps.longRunning.start(request, path, deps.longRunning.completionTime());
  return { status: 202, headers: { location: result, ...deps.longRunning.retryAfter() } };
}

type Handle = (request: Request, deps: ArmDependencies) => Response;

/** What differs between the operations of Microsoft.App's resource types. */
interface AppOperations {
  /** The first part of the operations' names. */
  readonly name: string;
  /** `Microsoft.App/…`. */
  readonly type: string;
  readonly kind: string;
  readonly bodyOf: BodyOf;
  readonly createOrUpdate: Handle;
  readonly remove: Handle;
}

/** The operations on a resource type of Microsoft.App. */
export function appOperations(
  deps: ArmDependencies,
  { name, type, kind, bodyOf, createOrUpdate, remove }: AppOperations,
): Operation[] {
  const get: Handle = (request) => ({ status: 200, body: bodyOf(existingResource(request, type, deps), deps) });
  const list: Handle = (request) => {
    const resources = deps.resources.list({ type, group: groupOf(request, deps)?.name });
    return listResponse(
      request,
      resources.map((each) => bodyOf(each, deps)),
    );
  };
  const poll: Handle = (request) => deps.longRunning.poll(request);
  const all = `${RESOURCE_GROUP_PATH}/providers/${type}`;
  const operations = `${SUBSCRIPTION_PATH}/providers/Microsoft.App/locations/:location/${kind}Operation`;
  return armOperations(deps, [
    [`${name}_CreateOrUpdate`, "PUT", `${all}/:${NAME}`, createOrUpdate],
    [`${name}_Get`, "GET", `${all}/:${NAME}`, get],
    [`${name}_Delete`, "DELETE", `${all}/:${NAME}`, remove],
    [`${name}_ListByResourceGroup`, "GET", all, list],
    [`${name}_ListBySubscription`, "GET", `${SUBSCRIPTION_PATH}/providers/${type}`, list],
    [`${name}_GetOperationStatus`, "GET", `${operations}Statuses/:operationId`, poll],
    [`${name}_GetOperationResult`, "GET", `${operations}Results/:operationId`, poll],
  ]);
}
