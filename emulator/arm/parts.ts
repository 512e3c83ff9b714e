import type { Services } from "../kernel/services";
import type { RoleAssignmentTable } from "./authorization/roleAssignmentTable";
import type { CertificateTable } from "./certificates/certificateTable";
import type { ArmDirectory } from "./directory";
import type { GroupTable } from "./groupTable";
import type { LongRunning } from "./longRunning";
import type { ResourceTable } from "./resourceTable";
import type { DeletedVaultTable } from "./vaults/deletedVaultTable";

/** What ARM's operations stand on. */
export interface ArmParts extends Services {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly groups: GroupTable;
  readonly resources: ResourceTable;
  readonly certificates: CertificateTable;
  readonly deletedVaults: DeletedVaultTable;
  readonly roleAssignments: RoleAssignmentTable;
  readonly longRunning: LongRunning;
  readonly directory: ArmDirectory;
}
