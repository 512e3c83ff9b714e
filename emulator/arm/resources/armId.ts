import { formatResourceId } from "../../../azure/resourceIds";
import type { Resource } from "./resourceStore";

/** A resource's ARM ID in Azure's letter case. */
export function armIdOf(resource: Pick<Resource, "type" | "group" | "name">, subscriptionId: string): string {
  const [namespace = "", type = ""] = resource.type.split("/");
  return formatResourceId({
    subscriptionId,
    resourceGroup: resource.group,
    namespace,
    types: [type],
    names: [resource.name],
  });
}
