import type { NameKind } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { SharedAccessPolicy } from "../../kernel/directory";
import type { ArmDependencies } from "../armDependencies";
import { NAME, objectAt, RESOURCE_GROUP_PATH } from "../armRequest";
import { commonBody, type Resource } from "../resources/resourceStore";

/** What a PUT decides about a resource. */
export interface Plan {
  readonly sku: JsonObject;
  readonly properties: JsonObject;
  readonly policies: readonly SharedAccessPolicy[];
  readonly scope?: string;
}

/** What differs between the two top-level types of Microsoft.Devices. */
export interface DeviceServiceKind {
  /** For example `Microsoft.Devices/IotHubs`. */
  readonly type: string;
  /** The last part of the type, as in paths. */
  readonly segment: string;
  /** The beginning of Azure's own operation names, for example `IotHubResource`. */
  readonly operations: string;
  /** The schema of a PUT. */
  readonly schema: string;
  /** Its name in messages. */
  readonly label: string;
  readonly nameRule: NameKind;
  /** The error's number for a bad name. */
  readonly nameErrorCode: "invalidArgument" | "invalidServiceName";
  /** How many a subscription can have, where limits are on. */
  readonly limit: number;
  /** The part of the path before a key's name. */
  readonly keyPath: string;
  /** The last part of the path at which a name is checked. */
  readonly availabilityPath: string;
  /** SKUs as `/skus` lists them. */
  readonly skus: readonly JsonObject[];
  /** Path below the subscription at which its operations are polled. */
  pollPath(subscriptionId: string, location: string): string;
  /** Validates a PUT; throws a WireError and changes nothing when it is invalid. */
  plan(body: JsonObject, before: Resource | undefined, deps: ArmDependencies): Plan;
  /** `properties` as a GET returns them; `settled` is false while the resource is being activated. */
  view(resource: Resource, settled: boolean): JsonObject;
  /** `properties` in the response to a PUT. */
  accepted(resource: Resource, isNew: boolean): JsonObject;
}

/** The path of a resource of a kind, for example `/subscriptions/:subscriptionId/resourceGroups/…/IotHubs/:resourceName`. */
export const deviceServicePath = ({ segment }: DeviceServiceKind): string =>
  `${RESOURCE_GROUP_PATH}/providers/Microsoft.Devices/${segment}/:${NAME}`;

/** The SKU of a request that a schema has checked. `tiers` maps a SKU's name to its tier. */
export function readSku(body: JsonObject, tiers: Readonly<Record<string, string>>): JsonObject {
  const { name, capacity } = objectAt(body, "sku");
  const key = String(name).toUpperCase();
  return { name: key, tier: tiers[key], capacity: capacity ?? 1 };
}

function frame(resource: Resource, subscriptionId: string): JsonObject {
  return {
    ...commonBody(resource, subscriptionId),
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
  { subscriptionId, clock }: ArmDependencies,
): JsonObject {
  const settled = clock.now().getTime() >= resource.readyAt;
  const deleting = resource.goneAt === undefined ? {} : { state: "Deleting", provisioningState: "Deleting" };
  return {
    ...frame(resource, subscriptionId),
    etag: resource.etag,
    properties: { ...kind.view(resource, settled), ...deleting },
  };
}

/** A hub or a provisioning service as PUT returns it: accepted, not yet settled, without an etag. */
export const acceptedBody = (
  kind: DeviceServiceKind,
  resource: Resource,
  isNew: boolean,
  { subscriptionId }: ArmDependencies,
): JsonObject => ({ ...frame(resource, subscriptionId), properties: kind.accepted(resource, isNew) });
