import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { listResponse } from "../armList";
import { armOperations } from "../armOperations";
import { filterOf, groupOf, RESOURCE_GROUP_PATH, SUBSCRIPTION_PATH } from "../armRequest";
import { commonBody, type Resource } from "./resourceStore";

/** The fields of a filter, and their names in a resource. */
const FIELDS = Object.freeze({
  resourcetype: "type",
  resourcegroup: "group",
  name: "name",
  location: "location",
} as const);

/** Reads `resourceType eq 'T'`, `resourceGroup eq 'G'` and their like: what az and the SDKs send. */
function readCondition(condition: string): ((resource: Resource) => boolean) | undefined {
  const [, name = "", value = ""] =
    /^(resourceType|resourceGroup|name|location)\s+eq\s+'([^']*)'$/i.exec(condition) ?? [];
  const field = FIELDS[name.toLowerCase() as keyof typeof FIELDS];
  return field && ((resource) => resource[field].toLowerCase() === value.toLowerCase());
}

/** Resources of any type, of the subscription or of a group. */
function listResources(request: Request, deps: ArmDependencies): Response {
  const group = groupOf(request, deps)?.name;
  const resources = deps.resources.list({ group }).filter(filterOf(request, "resources", readCondition));
  const value = resources.map((each) => ({
    ...commonBody(each, deps.subscriptionId),
    sku: Object.keys(each.sku).length === 0 ? undefined : each.sku,
  }));
  return listResponse(request, value);
}

/** Azure REST API "Resources". */
export const resourceOperations = (deps: ArmDependencies): Operation[] =>
  armOperations(deps, [
    ["Resources_List", "GET", `${SUBSCRIPTION_PATH}/resources`, listResources],
    ["Resources_ListByResourceGroup", "GET", `${RESOURCE_GROUP_PATH}/resources`, listResources],
  ]);
