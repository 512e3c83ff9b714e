import * as pulumi from "@pulumi/pulumi";
import { vaultHost } from "../azure/hosts";
import { VaultAccessResource } from "../providers/vaultAccessResource";
import { type SoftDeleted, VaultNameResource } from "../providers/vaultNameResource";
import { type ChildSuffix, childName, componentType, roleAssignmentName, vaultNamePrefix } from "./naming";

/**
 * What a vault is used for: to make CA keys and sign with them (`keys`), to keep devices' certificates with their keys
 * (`certificates`), to keep symmetric keys of enrollments (`secrets`).
 */
export type VaultUse = "keys" | "certificates" | "secrets";

interface UsedKeyVaultArgs {
  /** What this stack does in the vault, for which it gets rights and no others. Default: keys and certificates. */
  readonly uses?: readonly VaultUse[] | undefined;
}

/** Arguments of {@link KeyVault} for a vault that stands already. The identity that deploys must have its rights there. */
export interface ExistingKeyVaultArgs extends UsedKeyVaultArgs {
  /** `https://NAME.vault.azure.net`. */
  readonly uri: pulumi.Input<string>;
  /** What deleted keys and certificates become that hold a name, and ours at their end. Default `recover`. */
  readonly softDeleted?: SoftDeleted | undefined;
}

/** Arguments of {@link KeyVault} for one that is made. */
export interface NewKeyVaultArgs extends UsedKeyVaultArgs {
  readonly uri?: undefined;
  readonly resourceGroupName: pulumi.Input<string>;
  /** Azure region. */
  readonly location: pulumi.Input<string>;
  /** Name in Azure, 3 to 24 letters, digits and hyphens. Default: `kv-`, the component's name and eight hexadecimal digits. */
  readonly name?: string | undefined;
  /** As above, and for the vault itself. */
  readonly softDeleted?: SoftDeleted | undefined;
  /** Whether what is deleted stays until its retention is over. Azure never takes it back. Default true. */
  readonly purgeProtection?: boolean | undefined;
  readonly governance?: KeyVaultGovernance | undefined;
}

/** How a vault is marked and held. */
export interface KeyVaultGovernance {
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Whether Pulumi refuses to delete or replace it. */
  readonly protect?: boolean | undefined;
}

/** Either a vault that stands, or what to make one from. */
export type KeyVaultArgs = ExistingKeyVaultArgs | NewKeyVaultArgs;

interface Role {
  readonly suffix: ChildSuffix;
  /** GUID of the built-in role. */
  readonly id: string;
}

/** What each use needs in the vault (Azure documentation "Azure built-in roles – Security"). */
const ROLES: Readonly<Record<VaultUse, readonly Role[]>> = {
  keys: [{ suffix: "kv-crypto-officer", id: "14b46e9e-c2b7-41b4-b07b-48a6ebf60603" }],
  certificates: [
    { suffix: "kv-certificates-officer", id: "a4417e6f-fecd-4de8-b567-7b0420556985" },
    { suffix: "kv-secrets-user", id: "4633458b-17de-408a-b874-0445c86b69e6" },
  ],
  secrets: [{ suffix: "kv-secrets-officer", id: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7" }],
};

/** The kinds of object that each use touches: a certificate's key is a secret. */
const KINDS: Readonly<Record<VaultUse, readonly string[]>> = {
  keys: ["keys"],
  certificates: ["certificates", "secrets"],
  secrets: ["secrets"],
};

// The modules load for stacks that make a vault, and for no others.
const loadVaults = () => require("@pulumi/azure-native/keyvault") as typeof import("@pulumi/azure-native/keyvault");
const loadRoles = () =>
  require("@pulumi/azure-native/authorization") as typeof import("@pulumi/azure-native/authorization");

const usesOf = ({ uses }: UsedKeyVaultArgs): readonly VaultUse[] => uses ?? ["keys", "certificates"];

/**
 * A vault for CA keys and devices' credentials, and the rights of the identity that deploys in it. What uses the vault
 * waits by {@link uri} until the rights have arrived.
 */
export class KeyVault extends pulumi.ComponentResource {
  /** `https://NAME.vault.azure.net`; known once the vault lets this identity in. */
  readonly uri: pulumi.Output<string>;
  readonly softDeleted: SoftDeleted;
  /** What it may be used for. */
  readonly uses: readonly VaultUse[];
  /** Whether this stack makes the vault, which then goes with all that is in it. */
  readonly isOfStack: boolean;
  /** Whose the objects are that this stack makes in the vault. */
  readonly owner = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

  constructor(name: string, args: KeyVaultArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("KeyVault"), name, {}, opts);
    this.softDeleted = args.softDeleted ?? "recover";
    this.uses = usesOf(args);
    this.isOfStack = args.uri === undefined;
    const { vaultUri, grants } =
      args.uri === undefined ? this.#make(name, args) : { vaultUri: pulumi.output(args.uri), grants: [] };
    const inputs = { vaultUri, kinds: [...new Set(usesOf(args).flatMap((use) => KINDS[use]))], grants };
    const { openUri } = new VaultAccessResource(childName(name, "kv-access"), inputs, { parent: this });
    // What uses the vault depends on the rights themselves, so that they go after it.
    this.uri = pulumi.all([openUri, ...grants]).apply(([uri = ""]) => uri);
    this.registerOutputs({ uri: this.uri });
  }

  /** What a stack's output tells of the vault: which keys and secrets are there, by their addresses. No secrets. */
  summary(
    keys: readonly pulumi.Output<string>[],
    secrets: readonly pulumi.Output<string>[],
  ): pulumi.Output<KeyVaultSummary> {
    const name = this.uri.apply((uri) => new URL(uri).hostname.split(".")[0] ?? "");
    return pulumi.output({ name, uri: this.uri, keys: [...keys], secrets: [...secrets] });
  }

  #make(name: string, args: NewKeyVaultArgs) {
    const { resourceGroupName, location, governance = {}, purgeProtection = true } = args;
    const held = { parent: this, ...(governance.protect === true ? { protect: true } : {}) };
    const client = loadRoles().getClientConfigOutput({ parent: this });
    const reserved = new VaultNameResource(
      childName(name, "kv-name"),
      {
        ...{ subscriptionId: client.subscriptionId, resourceGroupName, location, purgeProtection },
        ...{ name: args.name, namePrefix: vaultNamePrefix(name), softDeleted: this.softDeleted },
      },
      { parent: this },
    );
    const vault = new (loadVaults().Vault)(
      childName(name, "kv"),
      {
        ...{ resourceGroupName, location, vaultName: reserved.vaultName },
        ...(Object.keys(governance.tags ?? {}).length === 0 ? {} : { tags: governance.tags }),
        properties: {
          tenantId: client.tenantId,
          sku: { family: "A", name: "standard" },
          enableRbacAuthorization: true,
          // Azure refuses `false` for a vault that is to have none.
          ...(purgeProtection ? { enablePurgeProtection: true } : {}),
          createMode: reserved.createMode.apply((mode) => (mode === "recover" ? "recover" : "default")),
        },
      },
      // How it was made is no property that it has afterwards.
      { ...held, ignoreChanges: ["properties.createMode"] },
    );
    const grants = usesOf(args)
      .flatMap((use) => ROLES[use])
      .map(({ suffix, id }) => {
        const assignment = {
          scope: vault.id,
          principalId: client.objectId,
          roleDefinitionId: pulumi.interpolate`/subscriptions/${client.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${id}`,
          roleAssignmentName: pulumi
            .all([vault.id, client.objectId])
            .apply(([scope, principalId]) => roleAssignmentName(scope, principalId, id)),
        };
        return new (loadRoles().RoleAssignment)(childName(name, suffix), assignment, { parent: this }).id;
      });
    // The name is known while the vault is updated, and Azure's address for it is in lower case.
    const vaultUri = vault.name.apply((given) => `https://${vaultHost(given.toLowerCase())}`);
    return { vaultUri, grants };
  }
}

/** The stack output `keyVault`. */
export interface KeyVaultSummary {
  readonly name: string;
  /** `https://NAME.vault.azure.net`. */
  readonly uri: string;
  /** Addresses of the CA keys' versions. */
  readonly keys: readonly string[];
  /** Addresses of the secrets that hold devices' certificates and keys. */
  readonly secrets: readonly string[];
}
