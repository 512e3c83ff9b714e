import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { notEmulated } from "../armErrors";
import { RESOURCE_GROUP_PATH, SUBSCRIPTION_PATH } from "../armPaths";
import { existingGroup } from "../existingResource";
import { armIdOf } from "./armId";
import type { Resource } from "./resourceStore";

/** The fields of a filter, and their names in a resource. */
const FIELDS = Object.freeze({
  resourcetype: "type",
  resourcegroup: "group",
  name: "name",
  location: "location",
} as const);

/** `resourceType eq 'T'`, `resourceGroup eq 'G'` and their like, joined by `and`: what az and the SDKs send. Throws 501 for others. */
function filterOf(text: string | undefined): (resource: Resource) => boolean {
  const tests = (text ?? "").split(/\s+and\s+/i).filter((part) => part.trim() !== "");
  const wanted = tests.map((part) => {
    const [, name = "", value = ""] =
      /^\s*(resourceType|resourceGroup|name|location)\s+eq\s+'([^']*)'\s*$/i.exec(part) ?? [];
    const field = FIELDS[name.toLowerCase() as keyof typeof FIELDS];
    if (field === undefined) throw notEmulated(`the filter ${part} on resources`);
    return [field, value.toLowerCase()] as const;
  });
  return (resource) => wanted.every(([field, value]) => resource[field].toLowerCase() === value);
}

function list(request: Request, deps: ArmDependencies, group?: string): Response {
  const matches = filterOf(request.query.get("$filter"));
  const value = deps.resources
    .list({ group })
    .filter(matches)
    .map((resource) => ({
      id: armIdOf(resource, deps.subscriptionId),
      name: resource.name,
      type: resource.type,
      location: resource.location,
      tags: resource.tags,
      sku: resource.sku,
    }));
  return { status: 200, body: { value } };
}

/** All resources of the subscription. */
export const listResources = (deps: ArmDependencies): Operation => ({
  name: "Resources_List",
  method: "GET",
  path: `${SUBSCRIPTION_PATH}/resources`,
  handle: (request) => list(request, deps),
});

/** All resources of a resource group. */
export const listResourcesOfGroup = (deps: ArmDependencies): Operation => ({
  name: "Resources_ListByResourceGroup",
  method: "GET",
  path: `${RESOURCE_GROUP_PATH}/resources`,
  handle: (request) => list(request, deps, existingGroup(request, deps).name),
});
