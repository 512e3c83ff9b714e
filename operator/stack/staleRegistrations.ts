/** Devices that have not registered since a moment: they may still hold certificates of an older CA. */
import type { StackResource } from "./operatorStack";
import type { StackDependencies } from "./stackDependencies";
import { dynamicResources, outputsOf, textOf } from "./stampInformation";

const PAGE = 1000;

/** Registration IDs of the stack's enrollment groups whose last registration is before `since`, sorted. */
export async function staleRegistrations(
  { azure }: Pick<StackDependencies, "azure">,
  resources: readonly StackResource[],
  since: Date,
): Promise<readonly string[]> {
  const endpoint = textOf(outputsOf(resources), "serviceEndpoint");
  const stale: string[] = [];
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
  return stale.sort();
}
