import type { ArmDependencies } from "../arm/armDependencies";
import { existingResource } from "../arm/armRequest";
import { VAULT_TYPE, vaultRecord } from "../arm/vaults/vaultResource";
import type { Request } from "../kernel/operation";
import type { VaultRecord } from "../kernel/vaultDirectory";
import type { Lifetimes } from "./lifetimes";
import type { VaultDependencies } from "./vaultDependencies";

/** Dependencies of the control plane's operations on objects of vaults. */
export interface ManagementDependencies {
  readonly arm: ArmDependencies;
  readonly deps: VaultDependencies;
  readonly lifetimes: Lifetimes;
}

/** Returns the vault of an ARM request. Throws 404. */
export const managedVault = (request: Request, { arm }: Pick<ManagementDependencies, "arm">): VaultRecord =>
  vaultRecord(existingResource(request, VAULT_TYPE, arm), arm.subscriptionId);
