/** Changes of many enrollments by bulk operations, ten in a request, and the message about refused ones. */
import { BULK_LIMIT, type BulkRefusal, type EnrollmentListClient } from "../../../azure/clients/enrollmentListClient";
import type { BulkEnrollment, BulkMode } from "../../../azure/wire/dpsEnrollment";
import type { Like } from "../resource/azureClients";

/** Concurrent requests: a list of a thousand does not wait for a hundred responses one after another. */
const AT_ONCE = 4;
/** Refused enrollments that a message names for each code. */
const SHOWN = 20;

/** Runs work over items, some at once, in their order. After a failure no further work begins; the first one is thrown. */
export async function eachOf<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  const left = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined && failures.length === 0; item = left.shift()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) throw failures[0];
}

/**
 * Runs one mode over any number of enrollments, ten in a request. Calls `done` for each changed enrollment as soon as its
 * request has a response, and returns the refused ones. A request that fails as a whole stops the rest and is thrown.
 */
export async function inBulk(
  client: Like<EnrollmentListClient>,
  mode: BulkMode,
  enrollments: readonly BulkEnrollment[],
  done: (registrationId: string) => void,
): Promise<readonly BulkRefusal[]> {
  const calls: BulkEnrollment[][] = [];
  for (let start = 0; start < enrollments.length; start += BULK_LIMIT) {
    calls.push(enrollments.slice(start, start + BULK_LIMIT));
  }
  const refused: BulkRefusal[] = [];
  await eachOf(calls, async (call) => {
    const refusals = await client.run(mode, call);
    const isRefused = new Set(refusals.map(({ registrationId }) => registrationId.toLowerCase()));
    refused.push(...refusals);
    for (const { registrationId } of call) if (!isRefused.has(registrationId.toLowerCase())) done(registrationId);
  });
  return refused;
}

/** Refused enrollments in words: one paragraph a code, with what it means, what to do, and every registration ID. */
export function refusalMessage(refused: readonly BulkRefusal[], asked: number): string {
  const byCode = new Map<string, BulkRefusal[]>();
  for (const each of refused) byCode.set(each.code, [...(byCode.get(each.code) ?? []), each]);
  const paragraphs = [...byCode.values()].map((group) => {
    const [first] = group;
    const lines = group.slice(0, SHOWN).map(({ registrationId, said }) => `    ${registrationId}: ${said}`);
    const more = group.length > SHOWN ? [`    and ${group.length - SHOWN} more`] : [];
    return [
      `  ${first?.code} for ${group.length === 1 ? "one enrollment" : `${group.length} enrollments`}:`,
      ...lines,
      ...more,
      `    What it means: ${first?.explanation.meaning}`,
      `    To fix: ${first?.explanation.remedy}`,
    ].join("\n");
  });
  return (
    `The Device Provisioning Service refused ${refused.length} of ${asked} changes of enrollments. The others are done and ` +
    `kept: the next \`pulumi up\` goes on from here.\n${paragraphs.join("\n")}`
  );
}
