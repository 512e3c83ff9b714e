import type { DeviceIdentity } from "../../../azure/wire/hubIdentity";
import { hubError } from "../hubErrors";
import type { Identity, IdentityDraft, IdentityStore } from "./identityStore";

type Scopes = Pick<Identity, "deviceScope" | "parentScopes">;

const EDGE_SCOPE = /^ms-azure-iot-edge:\/\/(.+)-(\d+)$/;

/**
 * Returns the scopes of a request: an Edge device has the scopes of its parents, another device that of its parent, which
 * `parentScopes` repeats (azure-rest-api-specs, data-plane iothub.json: Device). Where both are given, `deviceScope` counts:
 * az changes it alone.
 */
export const readScopes = ({
  capabilities,
  deviceScope,
  parentScopes,
}: Pick<DeviceIdentity, "capabilities" | "deviceScope" | "parentScopes">): Scopes =>
  capabilities?.iotEdge === true
    ? { deviceScope: deviceScope ?? "", parentScopes: parentScopes ?? [] }
    : { deviceScope: deviceScope ?? parentScopes?.[0] ?? "", parentScopes: [] };

const parentsOf = ({ iotEdge, deviceScope, parentScopes = [] }: IdentityDraft | Identity): readonly string[] =>
  iotEdge ? parentScopes : deviceScope ? [deviceScope] : [];

/**
 * Throws InvalidDeviceScope where a PUT does not repeat the scope of an Edge device (measured on Azure:
 * mwalser/terraform-provider-iothub; the name of the error is a guess).
 */
export function checkOwnScope({ iotEdge, deviceScope }: IdentityDraft, known: Identity | undefined): void {
  if (!iotEdge || !known?.iotEdge || deviceScope === known.deviceScope) return;
  throw hubError("InvalidDeviceScope", "Device scope is immutable");
}

/** Returns the Edge device that has a scope now. Throws InvalidDeviceScope. */
function edgeOfScope(hub: string, scope: string, identities: IdentityStore): Identity {
  const [, deviceId = ""] = EDGE_SCOPE.exec(scope) ?? [];
  const edge = identities.find(hub, deviceId);
  if (edge?.iotEdge && edge.deviceScope === scope) return edge;
  throw hubError("InvalidDeviceScope", `no Edge device has the scope ${scope}`);
}

/** Throws InvalidDeviceScope for a second parent, a parent that does not exist, and a device that becomes its own ancestor. */
export function checkScopes(
  hub: string,
  draft: IdentityDraft,
  known: Identity | undefined,
  identities: IdentityStore,
): void {
  const parents = parentsOf(draft);
  if (parents.length > 1) throw hubError("InvalidDeviceScope", "a device has at most one parent");
  const [parent] = parents;
  if (parent === undefined || (known && parentsOf(known).includes(parent))) return;
  const seen = new Set([draft.deviceId]);
  for (let scope: string | undefined = parent; scope !== undefined; ) {
    // Above the new parent, a parent that is gone ends the line.
    if (scope !== parent && !identities.find(hub, EDGE_SCOPE.exec(scope)?.[1] ?? "")) return;
    const edge: Identity = edgeOfScope(hub, scope, identities);
    if (seen.has(edge.deviceId)) throw hubError("InvalidDeviceScope", `${draft.deviceId} is its own ancestor`);
    seen.add(edge.deviceId);
    [scope] = edge.parentScopes;
  }
}
