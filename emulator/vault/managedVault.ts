import { existingResource, GROUP, NAME } from "../arm/existing";
import type { ArmParts } from "../arm/parts";
import { VAULT_TYPE, vaultRecord } from "../arm/vaults/vault";
import type { Call } from "../kernel/call";
import type { VaultRecord } from "../kernel/vaultDirectory";
import type { Lifetimes } from "./lifetimes";
import type { VaultParts } from "./parts";

/** What the operations of the control plane on objects of vaults stand on. */
export interface ManagementParts {
  readonly arm: ArmParts;
  readonly parts: VaultParts;
  readonly lifetimes: Lifetimes;
}

/** The path of a vault in ARM. */
export const VAULT_PATH = `/subscriptions/:subscriptionId/resourceGroups/:${GROUP}/providers/${VAULT_TYPE}/:${NAME}`;

/** The vault of a call to ARM; throws 404. */
export const managedVault = (call: Call, { arm }: Pick<ManagementParts, "arm">): VaultRecord =>
  vaultRecord(existingResource(call, VAULT_TYPE, arm), arm.subscriptionId);
