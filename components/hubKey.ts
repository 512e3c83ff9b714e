import * as iothub from "@pulumi/azure-native/iothub";
import * as pulumi from "@pulumi/pulumi";

/** A hub as ARM names it. */
interface HubPlace {
  readonly resourceGroupName: string;
  readonly resourceName: string;
}

/** What a failure to read a hub's key means; the engine's own words end in a stack trace. */
function explained(error: unknown, { resourceGroupName, resourceName }: HubPlace): Error {
  const said = error instanceof Error ? error.message : String(error);
  const remedy = /NotFound|\b404\b/.test(said)
    ? "It stands in the stack's state, and Azure has it no more: run `pulumi up --refresh` (`npm run up -- --refresh`), which makes it again."
    : "Check that the identity may list the hub's keys (role Contributor), then run `pulumi up` again.";
  const refusal = new pulumi.RunError(
    `Could not read the key that links hub "${resourceName}" in resource group "${resourceGroupName}": ${said}\n` +
      `  What to do: ${remedy}`,
  );
  // A stack may cost the host many seconds (docs/decisions/0005).
  delete refusal.stack;
  return refusal;
}

/** The primary key of a shared access policy of a hub. Throws pulumi.RunError, which shows no stack trace. */
export async function hubKey(place: HubPlace, keyName: string, options: pulumi.InvokeOptions): Promise<string> {
  try {
    const { primaryKey } = await iothub.listIotHubResourceKeysForKeyName({ ...place, keyName }, options);
    return primaryKey ?? "";
  } catch (error) {
    throw explained(error, place);
  }
}
