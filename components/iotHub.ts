import * as iothub from "@pulumi/azure-native/iothub";
import type * as inputs from "@pulumi/azure-native/types/input";
import type * as outputs from "@pulumi/azure-native/types/output";
import * as pulumi from "@pulumi/pulumi";
import { hubHost } from "../azure/hosts";
import { hubKey } from "./hubKey";
import { childName, componentType, hubConnectionString } from "./naming";

/** Further properties of a hub: routing, endpoints, IP filters, network access and more. */
export interface HubProperties
  extends Omit<
    inputs.iothub.IotHubPropertiesArgs,
    "minTlsVersion" | "disableLocalAuth" | "disableDeviceSAS" | "disableModuleSAS"
  > {}

/** The set of arguments for constructing an {@link IotHub}. */
export interface IotHubArgs {
  /** The name of the resource group. */
  resourceGroupName: pulumi.Input<string>;
  /** The Azure region. */
  location: pulumi.Input<string>;
  /** The name of the hub, 3 to 50 letters, digits and hyphens. Default: generated from the component's name. */
  name?: pulumi.Input<string>;
  /** The tier: `F1`, `B1` to `B3`, `S1` to `S3`. Default `S1`. */
  sku?: pulumi.Input<string>;
  /** The number of units. Default 1. */
  units?: pulumi.Input<number>;
  /** The minimum TLS version: `1.2`, or Azure's default. Azure does not change it on an existing hub. */
  minimumTls: "1.2" | "azureDefault";
  /** Which clients may use shared access keys: all (`enabled`), services and no devices (`serviceOnly`), or none (`off`). */
  localAuth: "enabled" | "serviceOnly" | "off";
  /** The managed identity of the hub. Default: none. */
  identity?: pulumi.Input<inputs.iothub.ArmIdentityArgs>;
  /** Further properties of the hub, as azure-native takes them. Default: Azure's defaults. */
  properties?: HubProperties;
  /** The resource tags. Default: none. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The shared access policy of a link by key; it has the rights that linking needs. */
const POLICY = "iothubowner";

/** An Azure IoT hub. */
export class IotHub extends pulumi.ComponentResource {
  /** The name of the hub in Azure. */
  readonly name: pulumi.Output<string>;
  /** `NAME.azure-devices.net`. */
  readonly hostName: pulumi.Output<string>;
  /** The resource ID in Azure, for role assignments and diagnostic settings. */
  readonly resourceId: pulumi.Output<string>;
  /** The managed identity, with `principalId` and `tenantId`; undefined without one. */
  readonly identity: pulumi.Output<outputs.iothub.ArmIdentityResponse | undefined>;
  /** The Azure region. */
  readonly location: pulumi.Output<string>;
  readonly #group: pulumi.Input<string>;
  #connectionString: pulumi.Output<string> | undefined;

  /**
   * Create an IotHub with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: IotHubArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("IotHub"), name, args, opts);
    const { resourceGroupName, location } = args;
    const hub = new iothub.IotHubResource(
      childName(name, "hub"),
      {
        resourceGroupName,
        location,
        resourceName: args.name,
        sku: { name: args.sku ?? "S1", capacity: args.units ?? 1 },
        identity: args.identity,
        properties: hubProperties(args),
        tags: args.tags,
      },
      { parent: this },
    );
    // With a secret input, azure-native marks every property secret. The name is known while the hub is updated.
    this.name = pulumi.unsecret(hub.name);
    this.resourceId = pulumi.unsecret(hub.id);
    this.identity = pulumi.unsecret(hub.identity);
    this.location = pulumi.output(location);
    this.hostName = this.name.apply(hubHost);
    this.#group = resourceGroupName;
    this.registerOutputs({ name: this.name, hostName: this.hostName });
  }

  /** Links a provisioning service to this hub by a key. Secret. Its first use reads the key from Azure. */
  get connectionString(): pulumi.Output<string> {
    this.#connectionString ??= pulumi.secret(
      pulumi.all([this.#group, this.name]).apply(async ([resourceGroupName, resourceName]) => {
        const key = await hubKey({ resourceGroupName, resourceName }, POLICY, { parent: this });
        return hubConnectionString(hubHost(resourceName), POLICY, key);
      }),
    );
    return this.#connectionString;
  }
}

/** Undefined without any property; Azure's own defaults are left out, so that they are no drift. */
function hubProperties(args: IotHubArgs): inputs.iothub.IotHubPropertiesArgs | undefined {
  const { storageEndpoints } = args.properties ?? {};
  const properties = {
    ...args.properties,
    // Its connection strings have the keys of storage accounts.
    ...(storageEndpoints && { storageEndpoints: pulumi.secret(storageEndpoints) }),
    ...(args.minimumTls === "1.2" ? { minTlsVersion: "1.2" } : {}),
    ...(args.localAuth === "off" ? { disableLocalAuth: true } : {}),
    ...(["serviceOnly", "off"].includes(args.localAuth) ? { disableDeviceSAS: true, disableModuleSAS: true } : {}),
  };
  return Object.keys(properties).length === 0 ? undefined : properties;
}
