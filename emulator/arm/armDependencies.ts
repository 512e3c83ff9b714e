import type { Services } from "../kernel/services";
import type { ArmDirectory } from "./armDirectory";
import type { DeletedVaultStore } from "./deletedVaults/deletedVaultStore";
import type { CertificateStore } from "./dpsCertificates/dpsCertificateStore";
import type { LongRunning } from "./operationResults/longRunningOperations";
import type { GroupStore } from "./resourceGroups/resourceGroupStore";
import type { ResourceStore } from "./resources/resourceStore";
import type { RoleAssignmentStore } from "./roleAssignments/roleAssignmentStore";

/** What ARM's operations stand on. */
export interface ArmDependencies extends Services {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly groups: GroupStore;
  readonly resources: ResourceStore;
  readonly certificates: CertificateStore;
  readonly deletedVaults: DeletedVaultStore;
  readonly roleAssignments: RoleAssignmentStore;
  readonly longRunning: LongRunning;
  readonly directory: ArmDirectory;
}
