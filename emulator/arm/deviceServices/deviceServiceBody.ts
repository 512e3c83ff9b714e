import { formatResourceId } from "../../../azure/resourceIds";
import type { ArmDependencies } from "../armDependencies";
import type { JsonObject } from "../requestBody";
import type { Resource } from "../resources/resourceStore";
import type { DeviceServiceKind } from "./deviceServiceKind";

/** A resource's id in Azure's letter case. */
export function idOf(resource: Resource, subscriptionId: string): string {
  const [namespace = "", type = ""] = resource.type.split("/");
  return formatResourceId({
    subscriptionId,
    resourceGroup: resource.group,
    namespace,
    types: [type],
    names: [resource.name],
  });
}

function frame(resource: Resource, subscriptionId: string): JsonObject {
  return {
    id: idOf(resource, subscriptionId),
    name: resource.name,
    type: resource.type,
    location: resource.location,
    tags: resource.tags,
    // Top level and lower case, as the service writes them; the azure-iot extension needs them.
    subscriptionid: subscriptionId,
    resourcegroup: resource.group,
    sku: resource.sku,
    ...(resource.identity === undefined ? {} : { identity: resource.identity }),
  };
}

/** A resource as GET and the lists give it. */
export function resourceBody(
  kind: DeviceServiceKind,
  resource: Resource,
  { subscriptionId, clock }: Pick<ArmDependencies, "subscriptionId" | "clock">,
): JsonObject {
  const settled = clock.now().getTime() >= resource.readyAt;
  const properties = kind.view(resource, settled);
  return {
    ...frame(resource, subscriptionId),
    etag: resource.etag,
    properties:
      resource.goneAt === undefined ? properties : { ...properties, state: "Deleting", provisioningState: "Deleting" },
  };
}

/** A resource as the answer to PUT gives it: accepted, not yet settled, without an etag. */
export function acceptedBody(
  kind: DeviceServiceKind,
  resource: Resource,
  isNew: boolean,
  { subscriptionId }: Pick<ArmDependencies, "subscriptionId">,
): JsonObject {
  return { ...frame(resource, subscriptionId), properties: kind.accepted(resource, isNew) };
}
