import * as pulumi from "@pulumi/pulumi";
import { type VaultObjectOf, vaultObjectName } from "../providers/handlers/vault/vaultObjectNames";
import type { KeyVault } from "./keyVault";

/** Where something secret is kept in place of the stack's state. */
export interface VaultStore {
  readonly vault: KeyVault;
}

/** What a resource is told of the vault that keeps something for it. */
export const keptIn = (vault: KeyVault) => ({
  ...{ vaultUri: vault.uri, owner: vault.owner, softDeleted: vault.softDeleted },
  ...(vault.isOfStack ? { vaultOfStack: true } : {}),
});

/** The same, and the name, of one that keeps something for an ID. */
export const storedIn = (vault: KeyVault, id: pulumi.Input<string>, of: VaultObjectOf) => ({
  ...keptIn(vault),
  storedName: pulumi.output(id).apply((text) => vaultObjectName(text, of)),
});

/** The same for symmetric keys; nothing without a store. Throws ResourceError for a vault without the right for secrets. */
export function keysStoredIn(
  resource: pulumi.Resource,
  store: VaultStore | undefined,
  id: pulumi.Input<string>,
  of: VaultObjectOf,
) {
  const vault = vaultOfKeys(resource, store);
  return vault === undefined ? {} : storedIn(vault, id, of);
}

/** The vault of symmetric keys; undefined without a store. Throws ResourceError for one without the right for secrets. */
export function vaultOfKeys(resource: pulumi.Resource, store: VaultStore | undefined): KeyVault | undefined {
  if (store === undefined || store.vault.uses.includes("secrets")) return store?.vault;
  throw new pulumi.ResourceError(
    "store: the vault is not used for secrets, and symmetric keys are.\n" +
      '  What to do: give the KeyVault "secrets" among its uses.',
    resource,
    true,
  );
}
