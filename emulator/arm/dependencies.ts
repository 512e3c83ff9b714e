import type { Services } from "../kernel/services";
import type { RoleAssignmentStore } from "./authorization/roleAssignmentStore";
import type { CertificateStore } from "./certificates/certificateStore";
import type { ArmDirectory } from "./directory";
import type { GroupStore } from "./groupStore";
import type { LongRunning } from "./longRunning";
import type { ResourceStore } from "./resourceStore";
import type { DeletedVaultStore } from "./vaults/deletedVaultStore";

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
