import type * as inputs from "@pulumi/azure-native/types/input";
import * as pulumi from "@pulumi/pulumi";
import { BUILT_IN_ROLES } from "../azure/builtInRoles";
import { HubLinksResource } from "../providers/hubLinksResource";
import { ServiceIdentityResource } from "../providers/serviceIdentityResource";
import type { LinkBy, LinkedHub, LinkIdentity } from "./linkedHub";
import { childName } from "./naming";
import { assignRole } from "./roleAssignment";

/** The mode of the links: by identity, where every hub has the resource ID that this needs, or nothing else is given. */
export const linkModeOf = (linkBy: LinkBy | undefined, hubs: readonly LinkedHub[]): LinkBy =>
  linkBy ?? (hubs.every(({ resourceId }) => resourceId !== undefined) ? "identity" : "key");

/** The links by key, as azure-native takes them. Throws pulumi.ResourceError. */
export const keyLinks = (
  hubs: readonly LinkedHub[],
  parent: pulumi.Resource,
): inputs.deviceprovisioningservices.IotHubDefinitionDescriptionArgs[] =>
  hubs.map(({ connectionString, location, allocationWeight, applyAllocationPolicy }, index) => {
    if (connectionString !== undefined) return { connectionString, location, allocationWeight, applyAllocationPolicy };
    throw missing(`hubs[${index}].connectionString`, "a link by key", parent);
  });

const missing = (argument: string, link: string, parent: pulumi.Resource): pulumi.ResourceError =>
  new pulumi.ResourceError(
    `${argument} is missing, and ${link} needs it.\n  To fix: set it, as an IotHub has it, or change linkBy.`,
    parent,
    true,
  );

/** The identity of the service with what the links need of it. */
export function identityWith(
  given: pulumi.Input<inputs.deviceprovisioningservices.ManagedServiceIdentityArgs> | undefined,
  linkIdentity: LinkIdentity | undefined,
): pulumi.Input<inputs.deviceprovisioningservices.ManagedServiceIdentityArgs> {
  if (given === undefined && linkIdentity === undefined) return { type: "SystemAssigned" };
  return pulumi.all([given, linkIdentity?.resourceId]).apply(([identity, selected]) => {
    const users = new Set([...(identity?.userAssignedIdentities ?? []), ...(selected === undefined ? [] : [selected])]);
    const hasSystem = selected === undefined || /SystemAssigned/i.test(identity?.type ?? "");
    const type = users.size === 0 ? "SystemAssigned" : hasSystem ? "SystemAssigned, UserAssigned" : "UserAssigned";
    return { type, userAssignedIdentities: users.size === 0 ? undefined : [...users] };
  });
}

/** The set of arguments for {@link linkByIdentity}. */
export interface IdentityLinksArgs {
  /** The resource ID of the provisioning service. */
  serviceId: pulumi.Input<string>;
  /** ETag of the provisioning service after azure-native's last write. */
  serviceEtag: pulumi.Input<string | undefined>;
  hubs: readonly LinkedHub[];
  /** Default: the system-assigned identity of the service. */
  linkIdentity: LinkIdentity | undefined;
  /** Whether the service API accepts Entra tokens only; undefined leaves it as it is. */
  disableLocalAuth: boolean | undefined;
}

/**
 * Gives an identity of a provisioning service its role on each hub, and links the hubs by it. Returns the IDs of the role
 * assignments. Nothing of it is protected: a change of `linkBy` removes it.
 */
export function linkByIdentity(
  name: string,
  { serviceId, serviceEtag, hubs, linkIdentity, disableLocalAuth }: IdentityLinksArgs,
  { parent, service }: { readonly parent: pulumi.ComponentResource; readonly service: pulumi.Resource },
): pulumi.Output<string>[] {
  const principalId =
    linkIdentity?.principalId ??
    new ServiceIdentityResource(
      childName(name, "dps-identity"),
      { provisioningServiceId: serviceId },
      // The identity is assigned by an update of the service, which its ID does not wait for.
      { parent, dependsOn: [service], deletedWith: service, protect: false },
    ).principalId;
  const roles = hubs.map(({ resourceId }, index) => {
    if (resourceId === undefined) throw missing(`hubs[${index}].resourceId`, "a link by identity", parent);
    const scope = pulumi.output(resourceId);
    const plain = childName(name, "dps-hub-role");
    return assignRole(
      index === 0 ? plain : `${plain}-${index + 1}`,
      {
        scope,
        principalId,
        principalType: "ServicePrincipal",
        // Azure documentation, "How to link and manage IoT hubs – Link an IoT hub by using managed identity".
        role: BUILT_IN_ROLES.iotHubDataContributor,
        subscriptionId: scope.apply(subscriptionOf),
      },
      { parent, protect: false },
    );
  });
  new HubLinksResource(
    childName(name, "dps-links"),
    {
      provisioningServiceId: serviceId,
      serviceEtag,
      hubs: hubs.map(({ hostName, location, allocationWeight, applyAllocationPolicy }) => ({
        hostName,
        location,
        allocationWeight,
        applyAllocationPolicy,
      })),
      userAssignedIdentityId: linkIdentity?.resourceId,
      disableLocalAuth,
    },
    { parent, dependsOn: [service, ...roles], deletedWith: service, protect: false },
  );
  return roles.map(({ id }) => id);
}

/** The subscription of a hub, by its resource ID. */
const subscriptionOf = (hubId: string): string => hubId.split("/")[2] ?? "";
