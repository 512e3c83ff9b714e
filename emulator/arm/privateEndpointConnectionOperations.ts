import { isObject, type JsonObject } from "../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../kernel/operation";
import type { ArmDependencies } from "./armDependencies";
import { frontError } from "./armErrors";
import { type ArmOperation, armOperations } from "./armOperations";
import { existingResource, NAME, objectAt, RESOURCE_GROUP_PATH, readBody } from "./armRequest";
import { armIdOf, newEtag, type Resource, type StoredConnection } from "./microsoftResources/resourceStore";

/** What a private endpoint of a resource type connects to. */
interface LinkKind {
  /** For example `Microsoft.Devices/IotHubs`. */
  readonly type: string;
  /** The last part of the type of its link resources, in the service's letter case. */
  readonly linkSegment: string;
  readonly groupId: string;
  readonly requiredMembers: readonly string[];
  readonly requiredZoneNames: readonly string[];
  /** Azure's lists of connections: an array, or an object with `value`. */
  readonly listsBare: boolean;
}

/** The resource types with private endpoints (Azure documentation, "Azure Private Endpoint private DNS zone values"). */
const KINDS: readonly LinkKind[] = [
  {
    type: "Microsoft.Devices/IotHubs",
    // Recorded: azure-sdk-for-net, IotHubPrivateEndpointGroupInformationTests.
    linkSegment: "PrivateLinkResources",
    groupId: "iotHub",
    requiredMembers: ["iotHub", "eventHub"],
    requiredZoneNames: ["privatelink.azure-devices.net", "privatelink.servicebus.windows.net"],
    listsBare: true,
  },
  {
    type: "Microsoft.Devices/provisioningServices",
    linkSegment: "privateLinkResources",
    groupId: "iotDps",
    requiredMembers: ["iotDps"],
    requiredZoneNames: ["privatelink.azure-devices-provisioning.net"],
    listsBare: true,
  },
  {
    type: "Microsoft.KeyVault/vaults",
    linkSegment: "privateLinkResources",
    groupId: "vault",
    requiredMembers: ["default"],
    requiredZoneNames: ["privatelink.vaultcore.azure.net"],
    listsBare: false,
  },
];

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

type Subscription = Pick<ArmDependencies, "subscriptionId">;

const connectionBody = (resource: Resource, { name, properties }: StoredConnection, deps: Subscription) => ({
  id: `${armIdOf(resource, deps.subscriptionId)}/privateEndpointConnections/${name}`,
  name,
  type: `${resource.type}/privateEndpointConnections`,
  properties,
});

/** The connections of a resource, as ARM returns them. */
export const privateEndpointConnectionsOf = (resource: Resource, deps: Subscription): JsonObject[] =>
  (resource.privateEndpointConnections ?? []).map((each) => connectionBody(resource, each, deps));

function list({ type, listsBare }: LinkKind, request: Request, deps: ArmDependencies): Response {
  const connections = privateEndpointConnectionsOf(existingResource(request, type, deps), deps);
  return { status: 200, body: listsBare ? connections : { value: connections } };
}

interface Target {
  readonly resource: Resource;
  readonly name: string;
  readonly connection: StoredConnection | undefined;
  readonly others: readonly StoredConnection[];
}

function targetOf({ type }: LinkKind, request: Request, deps: ArmDependencies): Target {
  const resource = existingResource(request, type, deps);
  const name = request.params.connectionName ?? "";
  const all = resource.privateEndpointConnections ?? [];
  return {
    resource,
    name,
    connection: all.find((each) => same(each.name, name)),
    others: all.filter((each) => !same(each.name, name)),
  };
}

function get(kind: LinkKind, request: Request, deps: ArmDependencies): Response {
  const { resource, name, connection } = targetOf(kind, request, deps);
  if (connection) return { status: 200, body: connectionBody(resource, connection, deps) };
  throw frontError(404, "ResourceNotFound", `The private endpoint connection '${name}' was not found.`);
}

const STATUSES = ["Pending", "Approved", "Rejected", "Disconnected"];

/**
 * PUT of a connection: approves or rejects it. In Azure a private endpoint makes the connection first; here, where there are
 * no private endpoints, the first PUT does.
 */
function put(kind: LinkKind, request: Request, deps: ArmDependencies): Response {
  const { resource, name, connection, others } = targetOf(kind, request, deps);
  const requested = objectAt(readBody(request, "arm.privateEndpointConnection"), "properties");
  const state = objectAt(requested, "privateLinkServiceConnectionState");
  const status = STATUSES.find((each) => same(each, String(state.status ?? "Pending")));
  const changed: StoredConnection = {
    name: connection?.name ?? name,
    properties: {
      provisioningState: "Succeeded",
      ...(isObject(requested.privateEndpoint)
        ? { privateEndpoint: requested.privateEndpoint }
        : { privateEndpoint: connection?.properties.privateEndpoint }),
      privateLinkServiceConnectionState: { actionsRequired: "None", description: "", ...state, status },
    },
  };
  deps.resources.put({ ...resource, privateEndpointConnections: [...others, changed], etag: newEtag(deps) });
  return { status: 200, body: connectionBody(resource, changed, deps) };
}

function remove(kind: LinkKind, request: Request, deps: ArmDependencies): Response {
  const { resource, connection, others } = targetOf(kind, request, deps);
  if (!connection) return { status: 204 };
  deps.resources.put({ ...resource, privateEndpointConnections: others, etag: newEtag(deps) });
  return { status: 200, body: connectionBody(resource, connection, deps) };
}

function linkBody(kind: LinkKind, resource: Resource, { subscriptionId }: ArmDependencies): JsonObject {
  const { groupId, requiredMembers, requiredZoneNames, linkSegment } = kind;
  return {
    id: `${armIdOf(resource, subscriptionId)}/${linkSegment}/${groupId}`,
    name: groupId,
    type: `${kind.type}/${linkSegment}`,
    properties: { groupId, requiredMembers, requiredZoneNames },
  };
}

const listLinks = (kind: LinkKind, request: Request, deps: ArmDependencies): Response => ({
  status: 200,
  body: { value: [linkBody(kind, existingResource(request, kind.type, deps), deps)] },
});

function getLink(kind: LinkKind, request: Request, deps: ArmDependencies): Response {
  const resource = existingResource(request, kind.type, deps);
  const { groupId = "" } = request.params;
  if (same(groupId, kind.groupId)) return { status: 200, body: linkBody(kind, resource, deps) };
  throw frontError(404, "ResourceNotFound", `The private link resource '${groupId}' was not found.`);
}

type Run = (kind: LinkKind, request: Request, deps: ArmDependencies) => Response;

/** Private endpoint connections and private link resources of hubs, provisioning services and vaults. They have no effect. */
export function privateEndpointOperations(deps: ArmDependencies): Operation[] {
  return KINDS.flatMap((kind) => {
    const below = `${RESOURCE_GROUP_PATH}/providers/${kind.type}/:${NAME}`;
    const all = `${below}/privateEndpointConnections`;
    const path = `${all}/:connectionName`;
    const links = `${below}/privateLinkResources`;
    const label = `(${kind.type})`;
    const rows: readonly [name: string, method: Operation["method"], path: string, run: Run][] = [
      [`PrivateEndpointConnections_List ${label}`, "GET", all, list],
      [`PrivateEndpointConnections_Get ${label}`, "GET", path, get],
      [`PrivateEndpointConnections_Update ${label}`, "PUT", path, put],
      [`PrivateEndpointConnections_Delete ${label}`, "DELETE", path, remove],
      [`PrivateLinkResources_List ${label}`, "GET", links, listLinks],
      [`PrivateLinkResources_Get ${label}`, "GET", `${links}/:groupId`, getLink],
    ];
    return armOperations(
      deps,
      rows.map(([name, method, at, run]): ArmOperation => [name, method, at, (request) => run(kind, request, deps)]),
    );
  });
}
