import { isObject, type JsonObject } from "../../azure/wire/jsonObject";
import type { Request, WireError } from "../kernel/operation";
import { type BodyError, bodyErrors, errorText } from "../schemas/bodyErrors";
import { knownMembers } from "../schemas/knownMembers";
import type { ArmDependencies } from "./armDependencies";
import { type DevicesErrorName, devicesError, type ErrorDependencies, frontError, notEmulated } from "./armErrors";
import type { ResourceGroup } from "./microsoftResources/resourceGroupStore";
import type { Resource } from "./microsoftResources/resourceStore";

/** The names of the path parameters. */
export const GROUP = "resourceGroupName";
export const NAME = "resourceName";

/** The paths below which ARM's operations are. */
export const SUBSCRIPTION_PATH = "/subscriptions/:subscriptionId";
export const RESOURCE_GROUP_PATH = `${SUBSCRIPTION_PATH}/resourceGroups/:${GROUP}`;

type Refuse = (message: string, errors: readonly BodyError[]) => WireError;

/** The `api-version` of a request, for example `2023-06-30`. */
export const apiVersionOf = ({ query }: Request): string => query.get("api-version") ?? "";

const invalidContent: Refuse = (message) => frontError(400, "InvalidRequestContent", message);

/**
 * The body of a request, valid by a schema (`emulator/schemas/`), without the members that the schema does not have. Throws 400
 * with all errors: as `refuse` words them, or as ARM itself for the members that it reads before the resource provider.
 */
export function readBody(request: Request, schema: string, refuse: Refuse = invalidContent): JsonObject {
  const errors = bodyErrors(schema, request.body);
  if (errors.length === 0) return knownMembers(schema, request.body as JsonObject);
  const message = `The request content was invalid: ${errorText(errors)}.`;
  if (errors.some(({ field }) => field === "location")) throw frontError(400, "LocationRequired", message);
  throw errors.some(({ field }) => field === "" || /^tags\b/.test(field))
    ? invalidContent(message, errors)
    : refuse(message, errors);
}

/** As above, with the errors of the Microsoft.Devices provider. */
export const readDevicesBody = (request: Request, schema: string, deps: ErrorDependencies): JsonObject =>
  readBody(request, schema, (message, [first]) =>
    devicesError((first?.code as DevicesErrorName | undefined) ?? "invalidArgument", message, deps),
  );

/** As above, with the errors of the Microsoft.KeyVault provider. */
export const readVaultBody = (request: Request, schema: string): JsonObject =>
  readBody(request, schema, (message) => frontError(400, "BadRequest", message));

/** An object inside a body; empty when it is not given. */
export function objectAt(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  return isObject(value) ? value : {};
}

/**
 * The If-Match header of a request. Older releases of az send a Python dictionary, in which Azure takes the quoted ETag
 * (recorded: azure-cli's iot recordings).
 */
export const ifMatchOf = ({ headers }: Request): string | undefined =>
  /^\{'IF-MATCH': '([^']*)'\}$/i.exec(headers["if-match"]?.trim() ?? "")?.[1] ?? headers["if-match"];

/** The tags of a body that a schema has checked; undefined when it has none. */
export const tagsOf = ({ tags }: JsonObject): Readonly<Record<string, string>> | undefined =>
  (tags ?? undefined) as Record<string, string> | undefined;

/** The name in a body whose availability is checked. */
export const requestedName = (request: Request): string => String(readBody(request, "arm.checkName").name);

/**
 * The filter of `$filter`: conditions joined by `and`, which `read` turns into tests. Throws 501 for a condition that
 * `read` does not know; `subject` is what the request lists.
 */
export function filterOf<T>(
  request: Request,
  subject: string,
  read: (condition: string) => ((item: T) => boolean) | undefined,
): (item: T) => boolean {
  const conditions = (request.query.get("$filter") ?? "").split(/(?<!\s)\s+and\s+/i).map((each) => each.trim());
  const tests = conditions
    .filter((each) => each !== "")
    .map((condition) => {
      const test = read(condition);
      if (test) return test;
      throw notEmulated(`the filter ${condition} on ${subject}`);
    });
  return (item) => tests.every((test) => test(item));
}

/** The resource group of a request for a list; undefined for the subscription's. Throws `ResourceGroupNotFound`. */
export const groupOf = (request: Request, deps: ArmDependencies): ResourceGroup | undefined =>
  request.params[GROUP] === undefined ? undefined : existingGroup(request, deps);

/** The resource group of a request; throws `ResourceGroupNotFound`. */
export function existingGroup(request: Request, { groups }: ArmDependencies): ResourceGroup {
  const name = request.params[GROUP] ?? "";
  const group = groups.named(name);
  if (group) return group;
  throw frontError(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

/** The resource of a request, if it is in the request's group; throws `ResourceGroupNotFound` for an unknown group. */
export function resourceOf(request: Request, type: string, deps: ArmDependencies): Resource | undefined {
  const group = existingGroup(request, deps);
  const resource = deps.resources.named(type, request.params[NAME] ?? "", group.name);
  return resource?.group.toLowerCase() === group.name.toLowerCase() ? resource : undefined;
}

/** As above; throws ARM's `ResourceNotFound`. */
export function existingResource(request: Request, type: string, deps: ArmDependencies): Resource {
  const resource = resourceOf(request, type, deps);
  if (resource) return resource;
  const [group, name] = [request.params[GROUP], request.params[NAME]];
  const message = `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  throw frontError(404, "ResourceNotFound", message);
}

/** Throws 409 for a change in a group while it is being deleted. */
export function checkGroupStays(group: ResourceGroup): void {
  if (group.goneAt === undefined) return;
  const message = `The resource group '${group.name}' is in deprovisioning state and cannot perform this operation.`;
  throw frontError(409, "ResourceGroupBeingDeleted", message);
}

/** Throws 409 for a PUT of an existing resource with another location. */
export function checkLocationStays(before: Resource | undefined, location: string): void {
  if (!before || before.location === location) return;
  const message = `The resource '${before.name}' already exists in location '${before.location}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`;
  throw frontError(409, "InvalidResourceLocation", message);
}

/** Throws 409002 while another change of a hub or a service is in progress (azurerm#21463). `label` is its kind. */
export function checkSettled(resource: Resource, label: string, deps: ArmDependencies): void {
  const isDeleting = resource.goneAt !== undefined;
  if (!isDeleting && deps.clock.now().getTime() >= resource.readyAt) return;
  const state = isDeleting ? "Deleting" : "Transitioning";
  const message = `${label} '${resource.name}' is in the state ${state} and cannot be changed now.`;
  throw devicesError("notSettled", message, deps);
}
