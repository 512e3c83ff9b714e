import type { ArmDependencies } from "../arm/armDependencies";
import { GROUP, NAME } from "../arm/armPaths";
import { existingResource } from "../arm/existingResource";
import { VAULT_TYPE, vaultRecord } from "../arm/vaults/vaultResource";
import type { Request } from "../kernel/operation";
import type { VaultRecord } from "../kernel/vaultDirectory";
import type { Lifetimes } from "./lifetimes";
import type { VaultDependencies } from "./vaultDependencies";

/** What the operations of the control plane on objects of vaults stand on. */
export interface ManagementDependencies {
  readonly arm: ArmDependencies;
  readonly deps: VaultDependencies;
  readonly lifetimes: Lifetimes;
}

/** The path of a vault in ARM. */
export const VAULT_PATH = `/subscriptions/:subscriptionId/resourceGroups/:${GROUP}/providers/${VAULT_TYPE}/:${NAME}`;

/** The vault of a call to ARM; throws 404. */
export const managedVault = (request: Request, { arm }: Pick<ManagementDependencies, "arm">): VaultRecord =>
  vaultRecord(existingResource(request, VAULT_TYPE, arm), arm.subscriptionId);
