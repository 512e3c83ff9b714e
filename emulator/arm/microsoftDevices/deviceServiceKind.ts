import type { NameKind } from "../../../azure/names";
import { regionKey } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { sevenDigits } from "../../kernel/clock";
import type { SharedAccessPolicy } from "../../kernel/directory";
import { type MemberVersions, visibleMembers } from "../../kernel/memberVersions";
import type { ArmDependencies } from "../armDependencies";
import { devicesError, type ErrorDependencies } from "../armErrors";
import { NAME, objectAt, RESOURCE_GROUP_PATH } from "../armRequest";
import { identityBody } from "../microsoftManagedIdentity/managedIdentity";
import { commonBody, type Resource, type StoredIdentity } from "../microsoftResources/resourceStore";
import { privateEndpointConnectionsOf } from "../privateEndpointConnectionOperations";
import { keepsDataResident } from "../regions";

/** What a PUT decides about a resource. */
export interface Plan {
  readonly sku: JsonObject;
  readonly properties: JsonObject;
  readonly policies: readonly SharedAccessPolicy[];
  readonly scope?: string;
}

/** What is known of a PUT before its plan. */
export interface PlanContext {
  readonly identity: StoredIdentity | undefined;
  readonly apiVersion: string;
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
  /** Azure's names of the operations on its CA certificates. */
  readonly certificateOperations: Readonly<Record<"list" | "get" | "put" | "remove" | "code" | "verify", string>>;
  /** Whether a GET returns `{"type":"None"}` without an identity. */
  readonly saysNoIdentity: boolean;
  /** The api-version since which CA certificates are returned with the certificate itself; undefined: none does. */
  readonly returnsCertificatesSince: string | undefined;
  /** The api-versions in which members appear. */
  readonly versions: MemberVersions;
  /** SKUs as `/skus` lists them. */
  readonly skus: readonly JsonObject[];
  /** Path below the subscription at which its operations are polled. */
  pollPath(subscriptionId: string, location: string): string;
  /** Validates a PUT; throws a WireError and changes nothing when it is invalid. `after` is what the request decides before. */
  plan(body: JsonObject, before: Resource | undefined, after: PlanContext, deps: ArmDependencies): Plan;
  /** `properties` as a GET returns them; `settled` is false while the resource is being activated. */
  view(resource: Resource, state: { readonly settled: boolean; readonly apiVersion: string }): JsonObject;
  /** `properties` in the response to a PUT. */
  accepted(resource: Resource, state: { readonly isNew: boolean; readonly apiVersion: string }): JsonObject;
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

/** Throws for `enableDataResidency` in a region without it (recorded). */
export function checkDataResidency(
  body: JsonObject,
  code: "hubDataResidency" | "serviceDataResidency",
  deps: ErrorDependencies,
): void {
  const wanted = objectAt(body, "properties").enableDataResidency;
  if (wanted !== true || keepsDataResident(regionKey(String(body.location)))) return;
  const message = `Data residency cannot be enabled in the region '${String(body.location)}'.`;
  throw devicesError(code, message, deps);
}

function frame(resource: Resource, deps: ArmDependencies): JsonObject {
  const { subscriptionId } = deps;
  return {
    ...commonBody(resource, subscriptionId),
    // Top level and lower case, as the service writes them; the azure-iot extension needs them.
    subscriptionid: subscriptionId,
    resourcegroup: resource.group,
    sku: resource.sku,
    identity: identityBody(resource.identity, deps),
  };
}

/** A hub or a provisioning service as GET and the lists return it. */
export function deviceServiceBody(
  kind: DeviceServiceKind,
  resource: Resource,
  apiVersion: string,
  deps: ArmDependencies,
): JsonObject {
  const settled = deps.clock.now().getTime() >= resource.readyAt;
  const connections = privateEndpointConnectionsOf(resource, deps);
  const deleting = resource.goneAt === undefined ? {} : { state: "Deleting", provisioningState: "Deleting" };
  return visibleMembers(kind.versions, apiVersion, {
    ...frame(resource, deps),
    // A hub without an identity says so (recorded: azure-cli `test_identity_hub.yaml`).
    ...(kind.saysNoIdentity && !resource.identity ? { identity: { type: "None" } } : {}),
    etag: resource.etag,
    systemData: { createdAt: sevenDigits(new Date(resource.createdAt)) },
    properties: {
      ...kind.view(resource, { settled, apiVersion }),
      ...(connections.length > 0 ? { privateEndpointConnections: connections } : {}),
      ...deleting,
    },
  });
}

/** A hub or a provisioning service as PUT returns it: accepted, not yet settled, with the ETag of the request if it had one. */
export const acceptedBody = (
  kind: DeviceServiceKind,
  resource: Resource,
  { etag, ...state }: { readonly isNew: boolean; readonly etag: unknown; readonly apiVersion: string },
  deps: ArmDependencies,
): JsonObject =>
  visibleMembers(kind.versions, state.apiVersion, {
    ...frame(resource, deps),
    etag,
    properties: kind.accepted(resource, state),
  });
