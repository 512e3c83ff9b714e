import * as iothub from "@pulumi/azure-native/iothub";
import * as pulumi from "@pulumi/pulumi";
import { withoutStack } from "./withoutStack";

/** A hub's name in ARM. */
interface HubName {
  readonly resourceGroupName: string;
  readonly resourceName: string;
}

function listKeysError(cause: unknown, { resourceGroupName, resourceName }: HubName): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const remedy = /NotFound|\b404\b/.test(reason)
    ? "The hub is in the stack's state but not in Azure: run `pulumi up --refresh` (`npm run up -- --refresh`) to create it."
    : "Check that the identity may list the hub's keys (role Contributor), then run `pulumi up` again.";
  return withoutStack(
    new pulumi.RunError(
      `Could not read the key that links hub "${resourceName}" in resource group "${resourceGroupName}": ${reason}\n` +
        `  To fix: ${remedy}`,
    ),
  );
}

/** The primary key of a shared access policy of a hub. Throws pulumi.RunError. */
export async function hubKey(hub: HubName, keyName: string, options: pulumi.InvokeOptions): Promise<string> {
  try {
    const { primaryKey } = await iothub.listIotHubResourceKeysForKeyName({ ...hub, keyName }, options);
    return primaryKey ?? "";
  } catch (error) {
    throw listKeysError(error, hub);
  }
}
