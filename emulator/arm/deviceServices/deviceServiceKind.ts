import type { NameKind } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { SharedAccessPolicy } from "../../kernel/directory";
import type { SharedDependencies } from "../../kernel/sharedDependencies";
import { NAME, RESOURCE_GROUP_PATH } from "../armPaths";
import type { Resource } from "../resources/resourceStore";

/** What a PUT decides about a resource. */
export interface Plan {
  readonly sku: JsonObject;
  readonly properties: JsonObject;
  readonly policies: readonly SharedAccessPolicy[];
  readonly scope?: string;
}

/** Finds a hub's policies by its host name (lower case). */
export type HubLookup = (hostName: string) => { readonly policies: readonly SharedAccessPolicy[] } | undefined;

/** What differs between the two top-level types of Microsoft.Devices. */
export interface DeviceServiceKind {
  /** For example `Microsoft.Devices/IotHubs`. */
  readonly type: string;
  /** The last part of the type, as in paths. */
  readonly segment: string;
  /** The beginning of Azure's own operation names, for example `IotHubResource`. */
  readonly operations: string;
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
  plan(
    body: JsonObject,
    location: string,
    before: Resource | undefined,
    shared: Pick<SharedDependencies, "clock" | "ids">,
    hubs: HubLookup,
  ): Plan;
  /** `properties` as a GET returns them; `settled` is false while the resource is being activated. */
  view(resource: Resource, settled: boolean): JsonObject;
  /** `properties` in the response to a PUT. */
  accepted(resource: Resource, isNew: boolean): JsonObject;
}

/** The path of a resource of a kind, for example `/subscriptions/:subscriptionId/resourceGroups/…/IotHubs/:resourceName`. */
export const deviceServicePath = ({ segment }: DeviceServiceKind): string =>
  `${RESOURCE_GROUP_PATH}/providers/Microsoft.Devices/${segment}/:${NAME}`;
