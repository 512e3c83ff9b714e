/** An enrollment that exists already and was not in the list: whether it is ours, or ours to take over. */
import type { BulkRefusal } from "../../../azure/clients/enrollmentListClient";
import { explain } from "../../../azure/explain";
import { nameKey } from "../../../azure/names";
import type { IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { withKeys } from "../enrollment/enrollmentRecord";
import { adoption, withoutQuotes } from "../resource/adoptInput";
import type { AzureGateway } from "../resource/azureGateway";
import type { Props } from "../resource/handler";
import { isSameEntry, type MadeKeys, readEntry } from "./listEntry";

type Gateway = Pick<AzureGateway, "individualEnrollment">;

/** A refusal of our own, in Azure's words for such a code. */
export const refusal = (registrationId: string, code: string, said: string): BulkRefusal => ({
  ...{ registrationId, code, said },
  explanation: explain("dps", code, Number(code.slice(0, 3))),
});

/** An enrollment that stands and is ours, or ours to take over. */
export interface Found {
  readonly id: string;
  /** Of what a change is based on; undefined where nothing was read. */
  readonly etag?: string | undefined;
  /** Its symmetric keys, as far as they are known. */
  readonly made?: MadeKeys | undefined;
  /** Whether it says what is wanted already, keys in a vault aside. */
  readonly isSaid: boolean;
}

/**
 * What to do with an enrollment that exists already and was not in the list: one that says exactly what is wanted is
 * ours, of a run that was killed before it was noted; another one is taken over where `adopt` says so.
 */
export async function takeOver(
  gateway: Gateway,
  service: string,
  refused: BulkRefusal,
  entry: Props,
  found: ReadonlyMap<string, IndividualEnrollmentBody>,
): Promise<"stands" | BulkRefusal | Found> {
  const id = refused.registrationId;
  const plain = found.get(nameKey("registrationId", id));
  if (!plain) return refused;
  const body = await withKeys(gateway.individualEnrollment(service, id), plain);
  if (isSameEntry(readEntry(id, entry, body), entry)) return "stands";
  const outcome = adoption(entry.adopt, body.etag);
  if (outcome === "refuse" || body.etag === undefined) return refused;
  if (outcome === "changed") {
    const said = `not adopted: its ETag is ${withoutQuotes(body.etag)} now, and not ${withoutQuotes(String(entry.adopt))}`;
    return refusal(id, "409203", said);
  }
  const made = body.attestation.symmetricKey as MadeKeys | undefined;
  return { id, etag: body.etag, made, isSaid: false };
}
