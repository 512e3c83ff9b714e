import * as pulumi from "@pulumi/pulumi";
import { BUILT_IN_ROLES } from "../azure/builtInRoles";
import { childName, componentType, fleetJobName, storageAccountPrefix } from "./naming";
import { privateStorageAccount } from "./privateStorage";
import { assignRole } from "./roleAssignment";

/** The set of arguments for constructing a {@link FleetJob}. */
export interface FleetJobArgs {
  /** The Azure region. */
  location: pulumi.Input<string>;
  /** The ID scope of the provisioning service. */
  idScope: pulumi.Input<string>;
  /** The image that is built from `examples/fleet/Containerfile`, by its digest or tag. */
  image: pulumi.Input<string>;
  /** The host of a registry from which the identity pulls, such as `NAME.azurecr.io`. Default: a public image. */
  registry?: pulumi.Input<string>;
  /** Replicas, each of which runs one shard of the fleet. */
  shards: pulumi.Input<number>;
  /** Devices of the fleet. */
  devices: pulumi.Input<number>;
  /** What registration IDs begin with, before the device's number. Default `fleet-`. */
  registrationIdPrefix?: pulumi.Input<string>;
  /** Messages of each device. Default 1, 0 registers only. */
  messages?: pulumi.Input<number>;
  /** Seconds between two messages of a device. Default 5. */
  intervalSeconds?: pulumi.Input<number>;
  /** PEM of the CA that issues the devices' certificates, then of the CAs above it. */
  issuerChain: pulumi.Input<string>;
  /** The Key Vault key ID of that CA, `https://VAULT.vault.azure.net/keys/KEY[/VERSION]`. Replicas sign with it, and never read it. */
  issuerKeyId: pulumi.Input<string>;
  /** The resource ID of the key vault. */
  keyVaultId: pulumi.Input<string>;
  /**
   * The ID of a subnet, delegated to `Microsoft.App/environments`, from which the devices connect. Default: Azure's own network,
   * which the policy `private-containers` refuses in production.
   */
  subnetId?: pulumi.Input<string>;
  /** Seconds after which a replica is stopped. Default 3600. */
  timeoutSeconds?: pulumi.Input<number>;
  /** The resource tags. Default: none. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** What starts a fleet job and reads its report. */
export interface FleetJobSummary {
  /** The name of the job, for `az containerapp job start --name`. */
  readonly job: string;
  /** The resource group of the job. */
  readonly resourceGroup: string;
  /** The URL of the blob container with claims and journals, for `zero-touch fleet report`. */
  readonly store: string;
  /** The client ID of the managed identity. */
  readonly clientId: string;
}

const CONTAINER = "fleet";
const RETRIES = 3;

// Loaded only by stacks that have a fleet job.
const load = {
  app: () => require("@pulumi/azure-native/app") as typeof import("@pulumi/azure-native/app"),
  identities: () =>
    require("@pulumi/azure-native/managedidentity") as typeof import("@pulumi/azure-native/managedidentity"),
  resources: () => require("@pulumi/azure-native/resources") as typeof import("@pulumi/azure-native/resources"),
  roles: () => require("@pulumi/azure-native/authorization") as typeof import("@pulumi/azure-native/authorization"),
  storage: () => require("@pulumi/azure-native/storage") as typeof import("@pulumi/azure-native/storage"),
};

/**
 * A fleet of devices as a Container Apps job: each replica of an execution claims a shard, by a lease in a blob container of its
 * own, registers its devices and sends their messages. Devices' keys never leave a replica, and the CA's key never leaves its
 * vault. An execution starts on demand: the deployment starts none.
 */
export class FleetJob extends pulumi.ComponentResource {
  /** The object ID of the managed identity, which needs the role AcrPull where `registry` is given. */
  readonly principalId: pulumi.Output<string>;
  /** What starts the job and reads its report. Holds no secrets. */
  readonly summary: pulumi.Output<FleetJobSummary>;

  /**
   * Create a FleetJob with the given unique name, arguments, and options.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: FleetJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("FleetJob"), name, args, opts);
    const { location, tags } = args;
    const child = { parent: this };
    const group = new (load.resources().ResourceGroup)(childName(name, "fleet-rg"), { location, tags }, child);
    const groupArgs = { resourceGroupName: group.name, location, tags };
    const identity = new (load.identities().UserAssignedIdentity)(childName(name, "fleet-identity"), groupArgs, child);
    const account = privateStorageAccount(storageAccountPrefix(name, "fl"), groupArgs, child);
    const container = new (load.storage().BlobContainer)(
      childName(name, "fleet-store"),
      { resourceGroupName: group.name, accountName: account.name, containerName: CONTAINER, publicAccess: "None" },
      child,
    );
    const { subscriptionId } = load.roles().getClientConfigOutput(child);
    const { principalId } = identity;
    const role = childName(name, "fleet-role");
    const key = pulumi.all([args.keyVaultId, args.issuerKeyId]).apply(([vault, id]) => keyScope(vault, id));
    const grantee = { principalId, principalType: "ServicePrincipal", subscriptionId } as const;
    const storeRole = BUILT_IN_ROLES.storageBlobDataContributor;
    const roles = [
      assignRole(`${role}-store`, { ...grantee, scope: container.id, role: storeRole }, child),
      assignRole(`${role}-key`, { ...grantee, scope: key, role: BUILT_IN_ROLES.keyVaultCryptoUser }, child),
    ];
    const environment = new (load.app().ManagedEnvironment)(
      childName(name, "fleet-environment"),
      {
        ...groupArgs,
        vnetConfiguration:
          args.subnetId === undefined ? undefined : { infrastructureSubnetId: args.subnetId, internal: true },
      },
      child,
    );
    const store = pulumi.interpolate`https://${account.name}.blob.core.windows.net/${container.name}`;
    const { clientId } = identity;
    const job = new (load.app().Job)(
      fleetJobName(name),
      {
        ...groupArgs,
        environmentId: environment.id,
        identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
        configuration: {
          triggerType: "Manual",
          // Every replica runs one shard, all at once; one that fails starts again and continues by the journal.
          manualTriggerConfig: { parallelism: args.shards, replicaCompletionCount: args.shards },
          replicaRetryLimit: RETRIES,
          replicaTimeout: args.timeoutSeconds ?? 3600,
          registries: args.registry === undefined ? undefined : [{ server: args.registry, identity: identity.id }],
        },
        template: { containers: [containerOf(args, store, clientId)] },
      },
      // A replica can claim, and sign, from its start.
      { parent: this, dependsOn: roles },
    );
    this.principalId = principalId;
    this.summary = pulumi.output({ job: job.name, resourceGroup: group.name, store, clientId });
    this.registerOutputs({ summary: this.summary });
  }
}

/** The resource ID of a key, from the ID of its vault and its Key Vault key ID. */
function keyScope(keyVaultId: string, keyId: string): string {
  const [, name = ""] = /^https:\/\/[^/]+\/keys\/([^/]+)/.exec(keyId) ?? [];
  if (name === "")
    throw new Error(
      `issuerKeyId: "${keyId}" is no Key Vault key ID. To fix: give https://VAULT.vault.azure.net/keys/KEY`,
    );
  return `${keyVaultId}/keys/${name}`;
}

function containerOf(args: FleetJobArgs, store: pulumi.Output<string>, clientId: pulumi.Output<string>) {
  const option = (name: string, value: pulumi.Input<string | number>) => pulumi.interpolate`--${name}=${value}`;
  return {
    name: "fleet",
    image: args.image,
    args: [
      option("store", store),
      option("shards", args.shards),
      option("count", args.devices),
      option("prefix", args.registrationIdPrefix ?? "fleet-"),
      option("messages", args.messages ?? 1),
      option("interval", args.intervalSeconds ?? 5),
      option("issuer-key", args.issuerKeyId),
      // The disk of the replica: the journal is in the store.
      "--out=/fleet",
    ],
    env: [
      { name: "PROVISIONING_IDSCOPE", value: args.idScope },
      { name: "FLEET_ISSUER", value: args.issuerChain },
      { name: "AZURE_CLIENT_ID", value: clientId },
    ],
    resources: { cpu: 0.5, memory: "1Gi" },
  };
}
