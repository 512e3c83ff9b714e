/** ARM resource ids: build, parse, compare. Letter case carries no meaning in them (Azure Resource Manager). */

/** One parsed id: `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME…]`. */
export interface ResourceId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** For example `Microsoft.Devices`. */
  readonly namespace: string;
  /** Types from the outer to the inner, for example `["provisioningServices", "certificates"]`. */
  readonly types: readonly string[];
  /** Names, one for each type. */
  readonly names: readonly string[];
}

const SHAPE = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/(.+)$/i;

/** Parses a resource's id; undefined when it is not one. */
export function parseResourceId(id: string): ResourceId | undefined {
  const match = SHAPE.exec(id);
  if (!match) return undefined;
  const [, subscriptionId = "", resourceGroup = "", namespace = "", tail = ""] = match;
  const parts = tail.split("/");
  if (parts.length % 2 !== 0 || parts.some((part) => part === "")) return undefined;
  return {
    subscriptionId,
    resourceGroup,
    namespace,
    types: parts.filter((_, index) => index % 2 === 0),
    names: parts.filter((_, index) => index % 2 === 1),
  };
}

/** Writes an id in the letter case that Azure itself writes. */
export function formatResourceId(id: ResourceId): string {
  const tail = id.types.map((type, index) => `${type}/${id.names[index] ?? ""}`).join("/");
  return `/subscriptions/${id.subscriptionId}/resourceGroups/${id.resourceGroup}/providers/${id.namespace}/${tail}`;
}

/** The key under which ids are the same resource. */
export const sameIdKey = (id: string): string => id.toLowerCase().replace(/\/+$/, "");

/** The id of a provisioning service's certificate. */
export function certificateId(provisioningServiceId: string, certificate: string): string {
  return `${provisioningServiceId.replace(/\/+$/, "")}/certificates/${certificate}`;
}
