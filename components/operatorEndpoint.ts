import * as pulumi from "@pulumi/pulumi";
import { BUILT_IN_ROLES } from "../azure/builtInRoles";
import { childName, componentType, storageAccountPrefix } from "./naming";
import { createOperatorContainers, type OperatorContainersArgs } from "./operatorContainers";
import { privateStorageAccount } from "./privateStorage";
import { assignRole, type RoleGrant } from "./roleAssignment";

/** The set of arguments for constructing an {@link OperatorEndpoint}. */
export interface OperatorEndpointArgs {
  /** The Azure region. */
  location: pulumi.Input<string>;
  /** The ID of the resource group of the environment that the endpoint operates. */
  environmentId: pulumi.Input<string>;
  /** The resource ID of the environment's hub. */
  hubId: pulumi.Input<string>;
  /** The resource ID of the environment's provisioning service. */
  provisioningServiceId: pulumi.Input<string>;
  /** Days for which an uploaded transcript can be neither changed nor deleted, 1 to 146000. Default 365. */
  retentionDays?: pulumi.Input<number>;
  /** The containers that run three instances. Default: none, and instances run elsewhere on the storage. */
  containers?: OperatorContainersArgs;
  /** The resource tags. Default: none. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** The stack output `operatorEndpoint`. */
export interface OperatorEndpointSummary {
  /** The URL of the blob container that the instances share. */
  readonly store: string;
  /** The URL of the container for `Close-PrivilegedEndpoint -TranscriptsPathDestination`. */
  readonly transcripts: string;
  /** The client ID of the managed identity, for `AZURE_CLIENT_ID`. */
  readonly clientId: string;
  /** Host and port of each instance; empty without containers. */
  readonly instances: string[];
}

// Loaded only by stacks that have an operator endpoint.
const load = {
  resources: () => require("@pulumi/azure-native/resources") as typeof import("@pulumi/azure-native/resources"),
  identities: () =>
    require("@pulumi/azure-native/managedidentity") as typeof import("@pulumi/azure-native/managedidentity"),
  storage: () => require("@pulumi/azure-native/storage") as typeof import("@pulumi/azure-native/storage"),
  roles: () => require("@pulumi/azure-native/authorization") as typeof import("@pulumi/azure-native/authorization"),
};

/**
 * What an operator endpoint needs beside an environment: a managed identity with its roles, a store that three instances
 * share, a container in which transcripts are immutable, and the instances as Container Apps. It is in a resource group of
 * its own, which the endpoint's identity can read and not change.
 */
export class OperatorEndpoint extends pulumi.ComponentResource {
  /** The object ID of the managed identity. */
  readonly principalId: pulumi.Output<string>;
  /** The stack output `operatorEndpoint`. Holds no secrets. */
  readonly summary: pulumi.Output<OperatorEndpointSummary>;

  /**
   * Create an OperatorEndpoint with the given unique name, arguments, and options. `protect` applies to its resource group and
   * its storage.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: OperatorEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("OperatorEndpoint"), name, args, { ...opts, protect: undefined });
    const { location, tags, containers } = args;
    const group = new (load.resources().ResourceGroup)(
      childName(name, "operator-rg"),
      { location, tags },
      { parent: this, protect: opts?.protect },
    );
    const groupArgs = { resourceGroupName: group.name, location, tags };
    const identity = new (load.identities().UserAssignedIdentity)(childName(name, "operator-identity"), groupArgs, {
      parent: this,
    });
    this.principalId = identity.principalId;
    const storage = { parent: this, protect: opts?.protect };
    const account = privateStorageAccount(storageAccountPrefix(name), groupArgs, storage);
    const inAccount = { resourceGroupName: group.name, accountName: account.name };
    const store = this.#container(name, "operator-store", inAccount, opts?.protect);
    const transcripts = this.#container(name, "operator-transcripts", inAccount, opts?.protect);
    const immutability = new (load.storage().BlobContainerImmutabilityPolicy)(
      childName(name, "operator-immutability"),
      {
        ...inAccount,
        containerName: transcripts.name,
        immutabilityPolicyName: "default",
        immutabilityPeriodSinceCreationInDays: args.retentionDays ?? 365,
        allowProtectedAppendWrites: false,
      },
      // Azure deletes a policy for its ETag only, which azure-native does not send (pulumi-azure-native#2156): it goes with its
      // container.
      { parent: this, protect: opts?.protect, deletedWith: transcripts },
    );
    const client = load.roles().getClientConfigOutput({ parent: this });
    const assign = (suffix: string, scope: pulumi.Input<string>, role: RoleGrant["role"]): pulumi.Resource =>
      assignRole(
        `${childName(name, "operator-role")}-${suffix}`,
        {
          scope,
          principalId: identity.principalId,
          principalType: "ServicePrincipal",
          role,
          subscriptionId: client.subscriptionId,
        },
        { parent: this },
      );
    const roles = [
      assign("environment", args.environmentId, BUILT_IN_ROLES.contributor),
      assign("hub", args.hubId, BUILT_IN_ROLES.iotHubDataContributor),
      assign("provisioning", args.provisioningServiceId, BUILT_IN_ROLES.provisioningServiceDataContributor),
      assign("own-group", group.id, BUILT_IN_ROLES.reader),
      assign("store", store.id, BUILT_IN_ROLES.storageBlobDataContributor),
      assign("transcripts", transcripts.id, BUILT_IN_ROLES.storageBlobDataContributor),
      ...(containers === undefined ? [] : [assign("keys", containers.keyVaultId, BUILT_IN_ROLES.keyVaultSecretsUser)]),
    ];
    const urlOf = (container: pulumi.Input<string>) =>
      pulumi.interpolate`https://${account.name}.blob.core.windows.net/${container}`;
    const instances =
      containers === undefined
        ? []
        : createOperatorContainers(name, {
            resourceGroupName: group.name,
            location,
            tags,
            containers,
            identityId: identity.id,
            clientId: identity.clientId,
            subscriptionId: client.subscriptionId,
            tenantId: client.tenantId,
            store: urlOf(store.name),
            transcripts: urlOf(transcripts.name),
            // Instances start when the identity has its roles, and no transcript is uploaded before it is immutable.
            options: { parent: this, dependsOn: [...roles, immutability] },
          });
    this.summary = pulumi.output({
      store: urlOf(store.name),
      transcripts: urlOf(transcripts.name),
      clientId: identity.clientId,
      instances,
    });
    this.registerOutputs({ principalId: this.principalId });
  }

  #container(
    name: string,
    suffix: "operator-store" | "operator-transcripts",
    inAccount: { readonly resourceGroupName: pulumi.Input<string>; readonly accountName: pulumi.Input<string> },
    protect: boolean | undefined,
  ) {
    const { resourceGroupName, accountName } = inAccount;
    const containerName = suffix;
    return new (load.storage().BlobContainer)(
      childName(name, suffix),
      { resourceGroupName, accountName, containerName, publicAccess: "None" },
      { parent: this, protect },
    );
  }
}
