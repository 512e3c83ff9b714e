import type { HubDependencies } from "../hubDependencies";

/** Where a hub's identity needs its role: at an account, or at one container. */
export interface StorageTarget {
  readonly account: string;
  /** Default: the role must be at the account or above it. */
  readonly container?: string;
}

/** What the hub does with blobs. */
export type BlobAction = "read" | "write" | "delete";

/** The token of a hub's identity for storage, or why it gets none. */
export type StorageToken = { readonly token: string } | { readonly reason: string };

/**
 * Returns a token of a hub's managed identity, which must have a role with the data actions: Storage Blob Data Contributor (Azure
 * documentation, "IoT Hub support for managed identities – Configure file upload with managed identities"). `hub`: the key of the
 * directory record; `userAssigned`: an ARM ID, by default the system-assigned identity.
 */
export function storageToken(
  hub: string,
  userAssigned: string | undefined,
  { account, container }: StorageTarget,
  actions: readonly BlobAction[],
  { directory, issueToken }: Pick<HubDependencies, "directory" | "issueToken">,
): StorageToken {
  const principal = directory.hubIdentity(hub, userAssigned);
  if (!principal) return { reason: `the hub does not have the identity ${userAssigned ?? "SystemAssigned"}` };
  const scope = directory.storageScope(account, container);
  const missing = actions.find(
    (action) =>
      !directory.allows(
        principal.objectId,
        scope,
        `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${action}`,
      ),
  );
  if (missing === undefined) return { token: issueToken(principal) };
  const role = "To fix: assign Storage Blob Data Contributor, which takes effect some time later";
  return {
    reason: `the hub's identity ${principal.objectId} lacks the right to ${missing} blobs at ${scope}. ${role}`,
  };
}
