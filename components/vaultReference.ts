import * as pulumi from "@pulumi/pulumi";
import { type VaultObjectOf, vaultObjectName } from "../providers/handlers/vault/vaultObjectNames";
import type { SoftDeleted } from "../providers/vaultNameResource";

/**
 * The kinds of object that a vault keeps: CA keys (`keys`), device certificates with their keys (`certificates`), symmetric
 * keys of enrollments (`secrets`).
 */
export type VaultUse = "keys" | "certificates" | "secrets";

/** The owner tag of the stack's objects in a vault: `organization/project/stack`. */
export const stackOwner = (): string => `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;

/** A vault that keeps keys, certificates or secrets in place of the stack's state, such as a `KeyVault`. */
export interface VaultReference {
  /** `https://NAME.vault.azure.net`. */
  uri: pulumi.Input<string>;
  /** Owner tag of the stack's objects in the vault; others' objects are not touched. Default: `organization/project/stack`. */
  owner?: pulumi.Input<string>;
  /** Whether soft-deleted objects of the same name are recovered or purged. Default `recover`. */
  softDeleted?: pulumi.Input<SoftDeleted>;
  /** The kinds of object that the vault keeps. Default: all. */
  uses?: VaultUse[];
  /** Whether this stack creates the vault, so that its objects are deleted with it. Default false. */
  isStackVault?: boolean;
}

/** The inputs of a resource that keeps something in a vault. */
export const vaultInputs = ({ uri, owner, softDeleted, isStackVault }: VaultReference) => ({
  vaultUri: uri,
  owner: owner ?? stackOwner(),
  softDeleted: softDeleted ?? "recover",
  vaultOfStack: isStackVault ? true : undefined,
});

/** The same, with the name of the object that the vault keeps for an ID. */
export const storedInputs = (vault: VaultReference, id: pulumi.Input<string>, of: VaultObjectOf) => ({
  ...vaultInputs(vault),
  storedName: pulumi.output(id).apply((text) => vaultObjectName(text, of)),
});

/** The inputs of an enrollment that keeps symmetric keys in a vault; none without a vault. Throws ResourceError. */
export function symmetricKeyInputs(
  resource: pulumi.Resource,
  vault: VaultReference | undefined,
  id: pulumi.Input<string>,
  of: VaultObjectOf,
) {
  checkVaultUse(resource, vault, "secrets");
  return vault === undefined ? {} : storedInputs(vault, id, of);
}

/** Throws ResourceError for a vault that is not for this use, and has no rights for it. */
export function checkVaultUse(resource: pulumi.Resource, vault: VaultReference | undefined, use: VaultUse): void {
  if (vault?.uses === undefined || vault.uses.includes(use)) return;
  const message = `vault: the vault is not used for ${use}.\n  To fix: add "${use}" to the uses of the KeyVault.`;
  throw new pulumi.ResourceError(message, resource, true);
}
