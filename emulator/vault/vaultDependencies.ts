import type { TokenJudge } from "../kernel/directory";
import type { Services } from "../kernel/services";
import type { VaultDirectory } from "../kernel/vaultDirectory";
import type { VaultObjectStore } from "./objects/vaultObjectStore";
import type { Sealer } from "./sealer";

/** What the operations of the Key Vault data plane stand on. */
export interface VaultDependencies extends Omit<Services, "log"> {
  readonly vaults: VaultDirectory;
  readonly tokens: TokenJudge;
  readonly objects: VaultObjectStore;
  readonly sealer: Sealer;
}
