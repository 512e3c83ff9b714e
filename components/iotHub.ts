import * as iothub from "@pulumi/azure-native/iothub";
import * as pulumi from "@pulumi/pulumi";
import { hubHost } from "../azure/hosts";
import { hubKey } from "./hubKey";
import { childName, componentType, hubConnectionString } from "./naming";

/** Arguments of {@link IotHub}. */
export interface IotHubArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region. */
  readonly location: pulumi.Input<string>;
  /** Name in Azure, 3 to 50 letters, digits and hyphens. Default: chosen by Pulumi from the component's name. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Tier: `F1`, `B1` to `B3`, `S1` to `S3`. Default `S1`. */
  readonly sku?: pulumi.Input<string> | undefined;
  /** Default 1. */
  readonly units?: pulumi.Input<number> | undefined;
  /** Tags, protection, TLS and shared keys; default: Azure's own, unprotected. */
  readonly governance?: IotHubGovernance | undefined;
}

/** How a hub is marked, held and hardened. */
export interface IotHubGovernance {
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Whether Pulumi refuses to delete or replace it. */
  readonly protect?: boolean | undefined;
  /** Set when the hub is created; Azure does not change it afterwards. */
  readonly minimumTls?: "1.2" | undefined;
  /** `serviceOnly`: neither devices nor modules come in by shared keys; the policies' keys still serve. */
  readonly localAuth?: "enabled" | "serviceOnly" | undefined;
  /** Leaves the properties and tags of an imported hub as they are: nothing above is set then. */
  readonly keepImported?: boolean | undefined;
}

/** The hub's properties that harden it; none where Azure's own are wanted, so that they are not drift. */
const hardening = ({ minimumTls, localAuth }: IotHubGovernance) => ({
  ...(minimumTls === undefined ? {} : { minTlsVersion: minimumTls }),
  ...(localAuth === "serviceOnly" ? { disableDeviceSAS: true, disableModuleSAS: true } : {}),
});

/** The shared access policy by which the provisioning service speaks to the hub: it has the rights that linking needs. */
const POLICY = "iothubowner";

/** An IoT hub. */
export class IotHub extends pulumi.ComponentResource {
  /** Name in Azure. */
  readonly name: pulumi.Output<string>;
  /** `NAME.azure-devices.net`. */
  readonly hostName: pulumi.Output<string>;
  readonly location: pulumi.Output<string>;
  /** What links a provisioning service to this hub. Secret. */
  readonly connectionString: pulumi.Output<string>;

  constructor(name: string, args: IotHubArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("IotHub"), name, {}, opts);
    const { resourceGroupName, governance = {} } = args;
    const { tags = {}, protect = false } = governance;
    const properties = hardening(governance);
    const hub = new iothub.IotHubResource(
      childName(name, "hub"),
      {
        resourceGroupName,
        location: args.location,
        ...(args.name === undefined ? {} : { resourceName: args.name }),
        sku: { name: args.sku ?? "S1", capacity: args.units ?? 1 },
        ...(Object.keys(properties).length === 0 ? {} : { properties }),
        ...(Object.keys(tags).length === 0 ? {} : { tags }),
      },
      {
        parent: this,
        ...(protect ? { protect } : {}),
        ...(governance.keepImported ? { ignoreChanges: ["properties", "tags", "identity"] } : {}),
      },
    );
    // azure-native makes every property secret beside a secret input. The name is known while the hub is updated.
    this.name = pulumi.unsecret(hub.name);
    this.location = pulumi.output(args.location);
    this.hostName = this.name.apply(hubHost);
    const key = pulumi
      .all([resourceGroupName, hub.name])
      .apply(([group, resourceName]) => hubKey({ resourceGroupName: group, resourceName }, POLICY, { parent: this }));
    this.connectionString = pulumi.secret(
      pulumi.all([this.hostName, key]).apply(([hostName, primary]) => hubConnectionString(hostName, POLICY, primary)),
    );
    this.registerOutputs({ name: this.name, hostName: this.hostName });
  }
}
