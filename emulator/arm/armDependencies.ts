import type { Directory, TokenValidator } from "../kernel/directory";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { LongRunningOperations } from "./longRunningOperations";
import type { RoleAssignmentStore } from "./microsoftAuthorization/roleAssignmentStore";
import type { CaCertificateStore } from "./microsoftDevices/caCertificateStore";
import type { ConsumerGroupStore } from "./microsoftDevices/consumerGroupStore";
import type { DeletedVaultStore } from "./microsoftKeyVault/deletedVaultStore";
import type { ResourceGroupStore } from "./microsoftResources/resourceGroupStore";
import type { Resource, ResourceStore } from "./microsoftResources/resourceStore";
import type { BlobContainerStore } from "./microsoftStorage/blobContainerStore";

/** What the directory, from which the data planes read ARM's resources, must know of changes. */
export interface DirectoryChanges {
  /** Notifies the data planes, inside the transaction, that a resource is removed. */
  removed(resource: Resource): void;
  /** Notifies the data plane, inside the transaction, that a vault is purged. */
  vaultPurged(vaultKey: string): void;
  /** Clears the directory's cache. Call it after every change. */
  changed(): void;
}

/** What ARM's operations depend on. */
export interface ArmDependencies extends SharedDependencies {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly tokens: TokenValidator;
  readonly groups: ResourceGroupStore;
  readonly resources: ResourceStore;
  readonly consumerGroups: ConsumerGroupStore;
  readonly blobContainers: BlobContainerStore;
  readonly certificates: CaCertificateStore;
  readonly deletedVaults: DeletedVaultStore;
  readonly roleAssignments: RoleAssignmentStore;
  readonly longRunning: LongRunningOperations;
  readonly directory: Pick<Directory, "hub"> & DirectoryChanges & { readonly owner: string };
  /** Makes a change in one transaction, and drops what the directory has cached. */
  commit<T>(change: () => T): T;
}
