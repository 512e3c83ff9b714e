import type { TokenValidator } from "../kernel/directory";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { ArmDirectory } from "./armDirectory";
import type { ConsumerGroupStore } from "./consumerGroups/consumerGroupStore";
import type { DeletedVaultStore } from "./deletedVaults/deletedVaultStore";
import type { DpsCertificateStore } from "./dpsCertificates/dpsCertificateStore";
import type { LongRunningOperations } from "./operationResults/longRunningOperations";
import type { ResourceGroupStore } from "./resourceGroups/resourceGroupStore";
import type { ResourceStore } from "./resources/resourceStore";
import type { RoleAssignmentStore } from "./roleAssignments/roleAssignmentStore";

/** What ARM's operations depend on. */
export interface ArmDependencies extends SharedDependencies {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly tokens: TokenValidator;
  readonly groups: ResourceGroupStore;
  readonly resources: ResourceStore;
  readonly consumerGroups: ConsumerGroupStore;
  readonly certificates: DpsCertificateStore;
  readonly deletedVaults: DeletedVaultStore;
  readonly roleAssignments: RoleAssignmentStore;
  readonly longRunning: LongRunningOperations;
  /** ARM's resources as the data planes read them. */
  readonly directory: ArmDirectory;
  /** Makes a change in one transaction, and drops what the directory has cached. */
  commit<T>(change: () => T): T;
}
