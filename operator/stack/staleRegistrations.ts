/** Devices that have not registered since a moment: they may still hold certificates of an older CA. */
import { isObject } from "../../azure/wire/jsonObject";
import type { StackResource } from "./operatorStack";
import type { StackDependencies } from "./stackDependencies";
import { dynamicResources, outputsOf, textOf } from "./stampInformation";

const PAGE = 1000;

/** Registration IDs, in lower case, of the devices that the stack blocks: they cannot register. */
function blockedIds(resources: readonly StackResource[]): ReadonlySet<string> {
  const blocked = dynamicResources(resources, "Revocations").flatMap(({ outputs }) =>
    Array.isArray(outputs.blocked) ? outputs.blocked : [],
  );
  return new Set(blocked.filter(isObject).map(({ registrationId }) => String(registrationId).toLowerCase()));
}

/** Registration IDs of the stack's enrollment groups with a last registration before `since`, sorted, without blocked ones. */
export async function staleRegistrations(
  { azure }: Pick<StackDependencies, "azure">,
  resources: readonly StackResource[],
  since: Date,
): Promise<readonly string[]> {
  const endpoint = textOf(outputsOf(resources), "serviceEndpoint");
  const stale: string[] = [];
  const blocked = blockedIds(resources);
  for (const { outputs } of dynamicResources(resources, "EnrollmentGroup")) {
    const client = azure.registrations(endpoint, textOf(outputs, "enrollmentGroupId"));
    let continuation: string | undefined;
    do {
      const page = await client.page(PAGE, continuation);
      for (const { registrationId, status, lastUpdatedDateTimeUtc = "" } of page.items)
        if (status === "assigned" && Date.parse(lastUpdatedDateTimeUtc) < since.getTime()) stale.push(registrationId);
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
  return stale.filter((id) => !blocked.has(id.toLowerCase())).sort();
}
