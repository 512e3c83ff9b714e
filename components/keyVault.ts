import * as pulumi from "@pulumi/pulumi";
import { BUILT_IN_ROLES } from "../azure/builtInRoles";
import { vaultHost } from "../azure/hosts";
import { VaultAccessResource } from "../providers/vaultAccessResource";
import { type SoftDeleted, VaultNameResource } from "../providers/vaultNameResource";
import { type ChildSuffix, childName, componentType, vaultNamePrefix } from "./naming";
import { assignRole, type RoleGrant } from "./roleAssignment";
import { stackOwner, type VaultUse } from "./vaultReference";

/** The set of arguments for constructing a {@link KeyVault}: `uri` of an existing vault, or the properties of a new one. */
export interface KeyVaultArgs {
  /**
   * The URI of an existing vault, `https://NAME.vault.azure.net`. The deploying identity must have its rights there.
   * Default: creates a vault.
   */
  uri?: pulumi.Input<string>;
  /** The name of the resource group. Required for a new vault. */
  resourceGroupName?: pulumi.Input<string>;
  /** The Azure region. Required for a new vault. */
  location?: pulumi.Input<string>;
  /** The name of the new vault, 3 to 24 letters, digits and hyphens. Default: `kv-`, the component's name, eight digits. */
  name?: pulumi.Input<string>;
  /** What the vault keeps; the deploying identity gets the rights for that only. Default: keys and certificates. */
  uses?: VaultUse[];
  /** Whether soft-deleted vaults and objects of the same name are recovered or purged. Default `recover`. */
  softDeleted?: SoftDeleted;
  /** Whether the new vault keeps deleted objects until their retention ends. Azure never turns it off. Default true. */
  purgeProtection?: boolean;
  /**
   * Object IDs of the users, groups and applications that get the roles on the new vault; the one that deploys first.
   * Default: the identity that creates the vault, whoever deploys later.
   */
  principals?: string[];
  /** The tags of the new vault. Default: none. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

interface Role {
  readonly suffix: ChildSuffix;
  readonly role: RoleGrant["role"];
}

/** The roles that each use needs (Azure documentation, "Azure built-in roles for Security"). */
const ROLES: Readonly<Record<VaultUse, readonly Role[]>> = {
  keys: [{ suffix: "kv-crypto-officer", role: BUILT_IN_ROLES.keyVaultCryptoOfficer }],
  certificates: [
    { suffix: "kv-certificates-officer", role: BUILT_IN_ROLES.keyVaultCertificatesOfficer },
    { suffix: "kv-secrets-user", role: BUILT_IN_ROLES.keyVaultSecretsUser },
  ],
  secrets: [{ suffix: "kv-secrets-officer", role: BUILT_IN_ROLES.keyVaultSecretsOfficer }],
};

/** The kinds of object that each use accesses: a certificate's key is a secret. */
const KINDS: Readonly<Record<VaultUse, readonly string[]>> = {
  keys: ["keys"],
  certificates: ["certificates", "secrets"],
  secrets: ["secrets"],
};

// Loaded only by stacks that create a vault.
const loadVaults = () => require("@pulumi/azure-native/keyvault") as typeof import("@pulumi/azure-native/keyvault");
const loadRoles = () =>
  require("@pulumi/azure-native/authorization") as typeof import("@pulumi/azure-native/authorization");

/** A key vault for CA keys, device credentials and symmetric keys, with roles for those who deploy. */
export class KeyVault extends pulumi.ComponentResource {
  /** `https://NAME.vault.azure.net`, known once the deploying identity has data-plane access. */
  readonly uri: pulumi.Output<string>;
  /** Whether soft-deleted vaults and objects of the same name are recovered or purged. */
  readonly softDeleted: SoftDeleted;
  /** What the vault keeps. */
  readonly uses: VaultUse[];
  /** Whether this stack creates the vault, so that its objects are deleted with it. */
  readonly isStackVault: boolean;
  /** The owner tag of the stack's objects in the vault. */
  readonly owner: string;

  /**
   * Create a KeyVault with the given unique name, arguments, and options. `protect` applies to the vault alone: Pulumi would
   * hand it down to the role assignments, which change with `principals`.
   *
   * @param name The unique name of the component.
   * @param args The arguments to use to populate this component.
   * @param opts A bag of options that control this component's behavior.
   */
  constructor(name: string, args: KeyVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("KeyVault"), name, args, { ...opts, protect: undefined });
    this.softDeleted = args.softDeleted ?? "recover";
    this.uses = args.uses ?? ["keys", "certificates"];
    this.isStackVault = args.uri === undefined;
    this.owner = stackOwner();
    const { vaultUri, grants } =
      args.uri === undefined
        ? this.#create(name, args, opts?.protect)
        : { vaultUri: pulumi.output(args.uri), grants: [] };
    const kinds = [...new Set(this.uses.flatMap((use) => KINDS[use]))];
    const { openUri } = new VaultAccessResource(
      childName(name, "kv-access"),
      { vaultUri, kinds, grants },
      { parent: this },
    );
    // Resources that use the vault depend on its role assignments, which are deleted after them.
    this.uri = pulumi.all([openUri, ...grants]).apply(([uri = ""]) => uri);
    this.registerOutputs({ uri: this.uri });
  }

  /** The stack output `keyVault`, with the IDs of keys and secrets. Holds no secrets. */
  summary(keyIds: pulumi.Output<string>[], secretIds: pulumi.Output<string>[]): pulumi.Output<KeyVaultSummary> {
    const name = this.uri.apply((uri) => new URL(uri).hostname.split(".")[0] ?? "");
    return pulumi.output({ name, uri: this.uri, keys: keyIds, secrets: secretIds });
  }

  #create(name: string, args: KeyVaultArgs, protect: boolean | undefined) {
    const { resourceGroupName, location, purgeProtection = true } = args;
    if (resourceGroupName === undefined || location === undefined) {
      const message =
        "A new vault needs resourceGroupName and location.\n  To fix: set both, or the uri of an existing vault.";
      throw new pulumi.ResourceError(message, this, true);
    }
    const client = loadRoles().getClientConfigOutput({ parent: this });
    const reserved = new VaultNameResource(
      childName(name, "kv-name"),
      {
        subscriptionId: client.subscriptionId,
        resourceGroupName,
        location,
        purgeProtection,
        name: args.name,
        namePrefix: vaultNamePrefix(name),
        softDeleted: this.softDeleted,
      },
      { parent: this },
    );
    const vault = new (loadVaults().Vault)(
      childName(name, "kv"),
      {
        resourceGroupName,
        location,
        vaultName: reserved.vaultName,
        tags: args.tags,
        properties: {
          tenantId: client.tenantId,
          sku: { family: "A", name: "standard" },
          enableRbacAuthorization: true,
          // Azure refuses `false`.
          enablePurgeProtection: purgeProtection ? true : undefined,
          createMode: reserved.createMode.apply((mode) => (mode === "recover" ? "recover" : "default")),
        },
      },
      // Azure does not return createMode.
      { parent: this, protect, ignoreChanges: ["properties.createMode"] },
    );
    const principals: readonly (string | undefined)[] = args.principals?.length ? args.principals : [undefined];
    const grants = this.uses
      .flatMap((use) => ROLES[use])
      .flatMap((given) => principals.map((principal, index) => ({ ...given, principal, index })))
      .map(({ suffix, role, principal, index }) => {
        const principalId = principal ?? client.objectId;
        const grant = { scope: vault.id, principalId, role, subscriptionId: client.subscriptionId };
        const plain = childName(name, suffix);
        // Another deploying identity is no change: the first one keeps its role.
        const options: pulumi.CustomResourceOptions =
          principal === undefined
            ? {
                ignoreChanges: ["principalId", "roleAssignmentName"],
                // This identity was named by `principals` before: another assignment of the same name would fail.
                aliases: [{ name: pulumi.interpolate`${plain}-${client.objectId}` }],
              }
            : { aliases: index === 0 ? [{ name: plain }] : [] };
        const resourceName = principal === undefined ? plain : `${plain}-${principal}`;
        return assignRole(resourceName, grant, { parent: this, ...options }).id;
      });
    // The name is known while the vault is updated; Azure's URI is in lower case.
    const vaultUri = vault.name.apply((given) => `https://${vaultHost(given.toLowerCase())}`);
    return { vaultUri, grants };
  }
}

/** The stack output `keyVault`. */
export interface KeyVaultSummary {
  readonly name: string;
  /** `https://NAME.vault.azure.net`. */
  readonly uri: string;
  /** Key Vault key IDs of the CA keys. */
  readonly keys: readonly string[];
  /** Key Vault secret IDs of the device credentials. */
  readonly secrets: readonly string[];
}
