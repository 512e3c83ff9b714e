/** Finds many enrollments of a service with few requests. */
import { nameKey } from "../../../azure/names";
import type { IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import type { AzureGateway } from "../resource/azureGateway";
import { eachOf } from "./bulkChanges";

type Gateway = Pick<AzureGateway, "enrollmentList" | "individualEnrollment">;

/** Up to so many are read one by one. */
const FEW = 20;
/** Enrollments of a page. */
const PAGE = 100;

/** Enrollments by their registration IDs in lower case. */
export type DiscoveredEnrollments = ReadonlyMap<string, IndividualEnrollmentBody>;

/**
 * The existing enrollments of these registration IDs. Many are searched for in the service's pages, as long as those
 * come cheaper than reading one by one: a service may hold a million enrollments of others.
 */
export async function findEnrollments(
  gateway: Gateway,
  service: string,
  ids: readonly string[],
): Promise<DiscoveredEnrollments> {
  const left = new Map(ids.map((id) => [nameKey("registrationId", id), id]));
  const found = new Map<string, IndividualEnrollmentBody>();
  const note = (body: IndividualEnrollmentBody): void => {
    const key = nameKey("registrationId", body.registrationId);
    if (left.delete(key)) found.set(key, body);
  };
  if (ids.length > FEW) {
    const client = gateway.enrollmentList(service);
    let continuation: string | undefined;
    for (let pages = 0; pages < Math.ceil(ids.length / 10) && left.size > 0; pages += 1) {
      const page = await client.page(PAGE, continuation);
      page.items.forEach(note);
      continuation = page.continuation;
      if (continuation === undefined) break;
    }
  }
  // What no page has is read on its own: an index may lag behind, and an existing enrollment must not count as gone.
  await eachOf([...left.values()], async (id) => {
    const body = await gateway.individualEnrollment(service, id).get();
    if (body) note(body);
  });
  return found;
}
