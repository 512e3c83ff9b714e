import * as devices from "@pulumi/azure-native/deviceprovisioningservices";
import * as pulumi from "@pulumi/pulumi";
import { GLOBAL_DEVICE_ENDPOINT, serviceHost } from "../azure/hosts";
import type { IotHub } from "./iotHub";
import { childName, componentType } from "./naming";

/** Arguments of {@link ProvisioningService}. */
export interface ProvisioningServiceArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region. */
  readonly location: pulumi.Input<string>;
  /** Name in Azure, 3 to 64 letters, digits and hyphens. Default: chosen by Pulumi from the component's name. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Units of tier S1. Default 1. */
  readonly units?: pulumi.Input<number> | undefined;
  /** How a hub is chosen for a device. Default `hashed`. */
  readonly allocationPolicy?: pulumi.Input<"hashed" | "geoLatency" | "static"> | undefined;
  /** Tags, and whether Pulumi refuses to delete or replace it; default: none, unprotected. */
  readonly governance?:
    | {
        readonly tags?: Readonly<Record<string, string>> | undefined;
        readonly protect?: boolean | undefined;
        /** Leaves the properties, links to hubs among them, and the tags of an imported service as they are. */
        readonly keepImported?: boolean | undefined;
      }
    | undefined;
  /** The hubs that devices are assigned to. */
  readonly hubs: readonly IotHub[];
}

/** Azure's spelling of the policies in ARM. */
const ARM_POLICIES = { hashed: "Hashed", geoLatency: "GeoLatency", static: "Static" } as const;

/** What an import reads and the component does not set as it is. */
const IMPORTED = ["properties", "tags", "identity", "resourcegroup", "subscriptionid"];

/** A device provisioning service, linked to its hubs. */
export class ProvisioningService extends pulumi.ComponentResource {
  /** ARM id. */
  readonly resourceId: pulumi.Output<string>;
  /** Name in Azure. */
  readonly name: pulumi.Output<string>;
  /** What devices name the service by, `0ne…`. */
  readonly idScope: pulumi.Output<string>;
  /** Host name for enrollments, `NAME.azure-devices-provisioning.net`. */
  readonly serviceEndpoint: pulumi.Output<string>;
  /** Host name for devices, `global.azure-devices-provisioning.net`. */
  readonly globalEndpoint: pulumi.Output<string>;
  /** Host names of the hubs that devices are assigned to. */
  readonly hubHostNames: readonly pulumi.Output<string>[];

  constructor(name: string, args: ProvisioningServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("ProvisioningService"), name, {}, opts);
    const { tags = {}, protect = false, keepImported = false } = args.governance ?? {};
    const service = new devices.IotDpsResource(
      childName(name, "dps"),
      {
        resourceGroupName: args.resourceGroupName,
        location: args.location,
        ...(args.name === undefined ? {} : { provisioningServiceName: args.name }),
        sku: { name: "S1", capacity: args.units ?? 1 },
        properties: {
          allocationPolicy: pulumi.output(args.allocationPolicy ?? "hashed").apply((policy) => ARM_POLICIES[policy]),
          iotHubs: args.hubs.map(({ connectionString, location }) => ({ connectionString, location })),
        },
        ...(Object.keys(tags).length === 0 ? {} : { tags }),
      },
      {
        parent: this,
        ...(protect ? { protect } : {}),
        ...(keepImported ? { ignoreChanges: IMPORTED } : {}),
      },
    );
    this.resourceId = service.id;
    // azure-native makes every property secret, as the links hold connection strings. The name is known while the service
    // is updated, and the endpoints follow from it.
    this.name = pulumi.unsecret(service.name).apply((given) => given ?? "");
    this.idScope = pulumi.unsecret(service.properties.idScope);
    this.serviceEndpoint = this.name.apply(serviceHost);
    this.globalEndpoint = pulumi.output(GLOBAL_DEVICE_ENDPOINT);
    this.hubHostNames = args.hubs.map(({ hostName }) => hostName);
    this.registerOutputs({ name: this.name, idScope: this.idScope });
  }
}
