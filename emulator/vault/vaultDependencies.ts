import type { TokenValidator } from "../kernel/directory";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { VaultDirectory } from "../kernel/vaultDirectory";
import type { VaultObjectStore } from "./objects/vaultObjectStore";
import type { Sealer } from "./sealer";

/** The stored objects, which most checks need and no more. */
export type WithObjects = Pick<VaultDependencies, "objects">;

/** Dependencies of the Key Vault data plane's operations. */
export interface VaultDependencies extends Omit<SharedDependencies, "log"> {
  readonly vaults: VaultDirectory;
  readonly tokens: TokenValidator;
  readonly objects: VaultObjectStore;
  readonly sealer: Sealer;
}
