/** Enrollments that exist already and were not in the list: whether they are ours, or ours to adopt. */
import type { BulkRefusal } from "../../../azure/clients/enrollmentListClient";
import { explain } from "../../../azure/explain";
import type { IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { withKeys } from "../enrollment/enrollmentRecord";
import { adoption, withoutQuotes } from "../resource/adoptInput";
import type { AzureGateway } from "../resource/azureGateway";
import type { Props } from "../resource/handler";
import type { KeyPair } from "../vault/storedKeys";
import { idKey, isSameEntry, readEntry } from "./listEntry";

type Gateway = Pick<AzureGateway, "individualEnrollment">;

/** A refusal of our own, with Azure's explanation of the code. */
export const refusal = (registrationId: string, code: string, said: string): BulkRefusal => ({
  ...{ registrationId, code, said },
  explanation: explain("dps", code, Number(code.slice(0, 3))),
});

/** An enrollment that exists and is ours, or ours to adopt. */
export interface Discovered {
  readonly id: string;
  /** Of the revision that a change is based on; undefined if nothing was read. */
  readonly etag?: string;
  /** Its symmetric keys, as far as they are known. */
  readonly made?: KeyPair;
  /** Whether it is as wanted already, apart from keys in a vault. */
  readonly isAsWanted: boolean;
}

/**
 * Returns what to do about a create that was refused because the enrollment exists. One that is exactly as wanted is ours, of
 * a run that was killed before it was in the state; any other is adopted only if `adopt` allows it.
 */
export async function discover(
  gateway: Gateway,
  service: string,
  refused: BulkRefusal,
  entry: Props,
  found: ReadonlyMap<string, IndividualEnrollmentBody>,
): Promise<"ours" | BulkRefusal | Discovered> {
  const id = refused.registrationId;
  const plain = found.get(idKey(id));
  if (!plain) return refused;
  const body = await withKeys(gateway.individualEnrollment(service, id), plain);
  if (isSameEntry(readEntry(id, entry, body), entry)) return "ours";
  const outcome = adoption(entry.adopt, body.etag);
  if (outcome === "refuse" || body.etag === undefined) return refused;
  if (outcome === "changed") {
    const said = `not adopted: its ETag is ${withoutQuotes(body.etag)} now, and not ${withoutQuotes(String(entry.adopt))}`;
    return refusal(id, "409203", said);
  }
  const made = body.attestation.symmetricKey as KeyPair | undefined;
  return { id, etag: body.etag, made, isAsWanted: false };
}
