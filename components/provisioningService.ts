import * as devices from "@pulumi/azure-native/deviceprovisioningservices";
import type * as inputs from "@pulumi/azure-native/types/input";
import type * as outputs from "@pulumi/azure-native/types/output";
import * as pulumi from "@pulumi/pulumi";
import { GLOBAL_DEVICE_ENDPOINT, serviceHost } from "../azure/hosts";
import { identityWith, keyLinks, linkByIdentity, linkModeOf } from "./hubLinks";
import type { LinkBy, LinkedHub, LinkIdentity } from "./linkedHub";
import { childName, componentType } from "./naming";

/** Further properties of a provisioning service: IP filters, network access, access policies and more. */
export interface ServiceProperties
  extends Omit<inputs.deviceprovisioningservices.IotDpsPropertiesDescriptionArgs, "allocationPolicy" | "iotHubs"> {}

/** The set of arguments for constructing a {@link ProvisioningService}. */
export interface ProvisioningServiceArgs {
  /** The name of the resource group. */
  resourceGroupName: pulumi.Input<string>;
  /** The Azure region. */
  location: pulumi.Input<string>;
  /** The name of the service, 3 to 64 letters, digits and hyphens. Default: generated from the component's name. */
  name?: pulumi.Input<string>;
  /** The number of S1 units. Default 1. */
  units?: pulumi.Input<number>;
  /** How the service chooses a hub for a device. Default `hashed`. */
  allocationPolicy?: pulumi.Input<"hashed" | "geoLatency" | "static">;
  /** The hubs that devices are assigned to. */
  hubs: LinkedHub[];
  /**
   * How the service is linked to its hubs: by a managed identity with the role IoT Hub Data Contributor on each hub, by a key
   * of each hub, or as it is in Azure. Default `identity`, or `key` if a hub has no `resourceId`.
   */
  linkBy?: LinkBy;
  /**
   * Whether the service API accepts shared access keys; `off` needs a link by identity. Default: as it is in Azure, where a
   * new service accepts them.
   */
  localAuth?: "enabled" | "off";
  /** A user-assigned identity to link by. Default: the system-assigned identity of the service. */
  linkIdentity?: LinkIdentity;
  /** The managed identity of the service. Default: what the links need. */
  identity?: pulumi.Input<inputs.deviceprovisioningservices.ManagedServiceIdentityArgs>;
  /** Further properties of the service, as azure-native takes them. Default: Azure's defaults. */
  properties?: ServiceProperties;
  /** The resource tags. Default: none. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** ARM's spelling of the allocation policies. */
const ARM_POLICIES = { hashed: "Hashed", geoLatency: "GeoLatency", static: "Static" } as const;

/** A device provisioning service, linked to its hubs. */
export class ProvisioningService extends pulumi.ComponentResource {
  /** The resource ID. */
  readonly resourceId: pulumi.Output<string>;
  /** The managed identity, with `principalId` and `tenantId`; undefined without one. */
  readonly identity: pulumi.Output<outputs.deviceprovisioningservices.ManagedServiceIdentityResponse | undefined>;
  /** The name of the service in Azure. */
  readonly name: pulumi.Output<string>;
  /** The ID scope, `0ne…`, by which devices address the service. */
  readonly idScope: pulumi.Output<string>;
  /** Host name for enrollments, `NAME.azure-devices-provisioning.net`. */
  readonly serviceEndpoint: pulumi.Output<string>;
  /** Host name for devices, `global.azure-devices-provisioning.net`. */
  readonly globalEndpoint: pulumi.Output<string>;
  /** Host names of the linked hubs. */
  readonly hubHostNames: pulumi.Output<string>[];
  /** IDs of the role assignments on the linked hubs: a device is assigned once they have taken effect. */
  readonly hubRoleAssignments: pulumi.Output<string>[];

  /**
   * Create a ProvisioningService with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: ProvisioningServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("ProvisioningService"), name, args, opts);
    const linkBy = linkModeOf(args.linkBy, args.hubs);
    const isByIdentity = linkBy === "identity";
    if (args.localAuth === "off" && !isByIdentity) {
      const message =
        "localAuth off needs a link by identity.\n  To fix: set linkBy to identity, or leave out localAuth.";
      throw new pulumi.ResourceError(message, this, true);
    }
    const service = new devices.IotDpsResource(
      childName(name, "dps"),
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        provisioningServiceName: args.name,
        sku: { name: "S1", capacity: args.units ?? 1 },
        identity: isByIdentity ? identityWith(args.identity, args.linkIdentity) : args.identity,
        properties: {
          ...args.properties,
          allocationPolicy: pulumi.output(args.allocationPolicy ?? "hashed").apply((policy) => ARM_POLICIES[policy]),
          iotHubs: linkBy === "key" ? keyLinks(args.hubs, this) : undefined,
        },
        tags: args.tags,
      },
      // HubLinks owns the links by identity. A refresh brings them into the inputs, which is no change.
      { parent: this, ignoreChanges: linkBy === "key" ? undefined : ["properties.iotHubs"] },
    );
    this.resourceId = service.id;
    this.identity = pulumi.unsecret(service.identity);
    // Links by key hold connection strings, so azure-native marks every property secret. The name is known while the service
    // is updated, and the endpoints follow from it.
    this.name = pulumi.unsecret(service.name).apply((given) => given ?? "");
    this.idScope = pulumi.unsecret(service.properties.idScope);
    this.serviceEndpoint = this.name.apply(serviceHost);
    this.globalEndpoint = pulumi.output(GLOBAL_DEVICE_ENDPOINT);
    this.hubHostNames = args.hubs.map(({ hostName }) => pulumi.output(hostName));
    this.hubRoleAssignments = isByIdentity
      ? linkByIdentity(
          name,
          {
            serviceId: service.id,
            serviceEtag: pulumi.unsecret(service.etag),
            hubs: args.hubs,
            linkIdentity: args.linkIdentity,
            disableLocalAuth: args.localAuth && args.localAuth === "off",
          },
          { parent: this, service },
        )
      : [];
    this.registerOutputs({ name: this.name, idScope: this.idScope });
  }
}
