import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { ArmDependencies } from "../armDependencies";
import { armIdOf } from "../resources/armId";
import type { Resource } from "../resources/resourceStore";
import type { DeviceServiceKind } from "./deviceServiceKind";

function frame(resource: Resource, subscriptionId: string): JsonObject {
  return {
    id: armIdOf(resource, subscriptionId),
    name: resource.name,
    type: resource.type,
    location: resource.location,
    tags: resource.tags,
    // Top level and lower case, as the service writes them; the azure-iot extension needs them.
    subscriptionid: subscriptionId,
    resourcegroup: resource.group,
    sku: resource.sku,
    identity: resource.identity,
  };
}

/** A hub or a provisioning service as GET and the lists return it. */
export function deviceServiceBody(
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

/** A hub or a provisioning service as PUT returns it: accepted, not yet settled, without an etag. */
export function acceptedBody(
  kind: DeviceServiceKind,
  resource: Resource,
  isNew: boolean,
  { subscriptionId }: Pick<ArmDependencies, "subscriptionId">,
): JsonObject {
  return { ...frame(resource, subscriptionId), properties: kind.accepted(resource, isNew) };
}
