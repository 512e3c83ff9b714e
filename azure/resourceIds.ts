/** ARM resource ids. Letter case carries no meaning in them (Azure Resource Manager). */

/** The parts of an id: `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME…]`. */
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

/** Writes an id in the letter case that Azure itself writes. */
export function formatResourceId(id: ResourceId): string {
  const tail = id.types.map((type, index) => `${type}/${id.names[index] ?? ""}`).join("/");
  return `/subscriptions/${id.subscriptionId}/resourceGroups/${id.resourceGroup}/providers/${id.namespace}/${tail}`;
}

/** Name and group of a user-assigned identity's id; undefined for any other text. */
export function parseIdentityId(id: string): { readonly resourceGroup: string; readonly name: string } | undefined {
  const [, resourceGroup, name] =
    /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/([^/]+)\/?$/i.exec(
      id,
    ) ?? [];
  return resourceGroup !== undefined && name !== undefined ? { resourceGroup, name } : undefined;
}

/** The service and the name of a provisioning service's certificate; undefined for any other ID. */
export function parseCertificateId(id: string): { readonly serviceId: string; readonly name: string } | undefined {
  const [, serviceId, name] =
    /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Devices\/provisioningServices\/[^/]+)\/certificates\/([^/]+)\/?$/i.exec(
      id,
    ) ?? [];
  return serviceId !== undefined && name !== undefined ? { serviceId, name } : undefined;
}

/** The id of a hub's or a provisioning service's certificate. */
export function certificateId(serviceId: string, certificate: string): string {
  return `${serviceId.replace(/(?<!\/)\/+$/, "")}/certificates/${certificate}`;
}
