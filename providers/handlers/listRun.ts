/** One run over a list of enrollments: from what stands to what is wanted, by bulk operations, keeping what was done. */
import type { BulkRefusal, EnrollmentListClient } from "../../azure/clients/enrollmentList";
import { explain } from "../../azure/explain";
import { nameKey } from "../../azure/names";
import type { BulkEnrollment, IndividualEnrollmentBody } from "../../azure/wire/enrollment";
import { eachOf, inBulk, refusalMessage } from "./enrollmentChanges";
import { withKeys, withoutQuotes } from "./enrollmentRecord";
import { findEnrollments } from "./enrollmentSearch";
import type { Props } from "./handler";
import {
  type Entries,
  entryBody,
  entryOuts,
  entryToDelete,
  isKeyMade,
  isSameEntry,
  type MadeKeys,
  readEntry,
} from "./listEntry";
import type { Like, World } from "./world";

const keyOf = (id: string): string => nameKey("registrationId", id);

/** What of a list stands at the service, as far as this run knows. */
export class Standing {
  readonly #all = new Map<string, { id: string; entry: Props; made: MadeKeys | undefined }>();

  constructor(entries: Entries, made: Readonly<Record<string, MadeKeys>>) {
    for (const [id, entry] of Object.entries(entries))
      this.set(id, entry, Object.hasOwn(made, id) ? made[id] : undefined);
  }

  /** What stands under a registration ID, in whatever letter case. */
  get(id: string): { readonly entry: Props; readonly made: MadeKeys | undefined } | undefined {
    return this.#all.get(keyOf(id));
  }

  set(id: string, entry: Props, made: MadeKeys | undefined): void {
    this.#all.set(keyOf(id), { id, entry, made });
  }

  remove(id: string): void {
    this.#all.delete(keyOf(id));
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Sorted, so that the state does not tell in which order answers came. */
  #sorted() {
    return [...this.#all.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  entries(): [string, Props][] {
    return this.#sorted().map(({ id, entry }) => [id, entry]);
  }

  keys(): [string, MadeKeys][] {
    return this.#sorted().flatMap(({ id, made }) => (made === undefined ? [] : [[id, made] as [string, MadeKeys]]));
  }
}

/** Deletes; what is gone already is deleted. Answers what was refused. */
export async function deleteAll(
  client: Like<EnrollmentListClient>,
  enrollments: readonly BulkEnrollment[],
  done: (registrationId: string) => void,
): Promise<readonly BulkRefusal[]> {
  const refused = await inBulk(client, "delete", enrollments, done);
  const [gone, rest] = [
    refused.filter(({ code }) => code === "404201"),
    refused.filter(({ code }) => code !== "404201"),
  ];
  for (const { registrationId } of gone) done(registrationId);
  return rest;
}

const refusal = (registrationId: string, code: string, said: string): BulkRefusal => ({
  ...{ registrationId, code, said },
  explanation: explain("dps", code, Number(code.slice(0, 3))),
});

/** Makes what stands what is wanted. Throws when some were refused, with every one of them; `standing` says what stands. */
export async function reconcile(world: World, service: string, standing: Standing, wanted: Entries): Promise<void> {
  const client = world.enrollmentList(service);
  const refused: BulkRefusal[] = [];
  const ids = new Map(Object.keys(wanted).map((id) => [keyOf(id), id]));
  const entryOf = (id: string): Props => wanted[ids.get(keyOf(id)) ?? id] ?? {};
  const stands = (id: string): void => {
    const made = isKeyMade(entryOf(id)) ? standing.get(id)?.made : undefined;
    standing.set(ids.get(keyOf(id)) ?? id, entryOuts(entryOf(id)), made);
  };

  const leaving = standing.entries().filter(([id]) => !ids.has(keyOf(id)));
  const coming = [...ids.values()].filter((id) => !standing.get(id));
  const changing = [...ids.values()].filter((id) => {
    const before = standing.get(id);
    return before !== undefined && !isSameEntry(before.entry, entryOf(id));
  });

  const asked = leaving.length + coming.length + changing.length;
  const gone = leaving.map(([id]) => entryToDelete(id));
  refused.push(...(await deleteAll(client, gone, (id) => standing.remove(id))));

  // What a change is based on is read together with its ETag: what others changed meanwhile is not written over unseen.
  const updates: BulkEnrollment[] = [];
  const present = await findEnrollments(world, service, changing);
  for (const id of changing) {
    const [body, before] = [present.get(keyOf(id)), standing.get(id)];
    if (!body || !before) {
      standing.remove(id);
      coming.push(id);
    } else if (isSameEntry(readEntry(id, entryOf(id), body), entryOf(id)) && !isKeyed(entryOf(id))) stands(id);
    else if (isSameEntry(readEntry(id, before.entry, body), before.entry))
      updates.push(entryBody(id, entryOf(id), before.made, body.etag ?? "*"));
    else refused.push(refusal(id, "409203", "it was changed by someone else since Pulumi last read it"));
  }

  const made = await inBulk(
    client,
    "create",
    coming.map((id) => entryBody(id, entryOf(id), undefined)),
    stands,
  );
  const existing = made.filter(({ code }) => code === "409201");
  refused.push(...made.filter(({ code }) => code !== "409201"));
  const found = await findEnrollments(
    world,
    service,
    existing.map(({ registrationId }) => registrationId),
  );
  await eachOf(existing, async (each) => {
    const outcome = await takeOver(world, service, each, entryOf(each.registrationId), found);
    if (outcome === "stands") stands(each.registrationId);
    else if ("code" in outcome) refused.push(outcome);
    else updates.push(outcome);
  });

  refused.push(...(await inBulk(client, "updateIfMatchETag", updates, stands)));
  await readMadeKeys(world, service, standing);
  if (refused.length > 0) {
    throw new Error(refusalMessage(refused, asked));
  }
}

const isKeyed = ({ symmetricKey }: Props): boolean => symmetricKey !== undefined;

/**
 * What to do with an enrollment that exists already and was not in the list: one that says exactly what is wanted is
 * ours, of a run that was killed before it was noted; another one is taken over where `adopt` says so.
 */
async function takeOver(
  world: World,
  service: string,
  refused: BulkRefusal,
  entry: Props,
  found: ReadonlyMap<string, IndividualEnrollmentBody>,
): Promise<"stands" | BulkRefusal | BulkEnrollment> {
  const id = refused.registrationId;
  const plain = found.get(keyOf(id));
  if (!plain) return refused;
  const body = await withKeys(world.individualEnrollment(service, id), plain);
  if (isSameEntry(readEntry(id, entry, body), entry)) return "stands";
  const { adopt } = entry;
  if (adopt === undefined || adopt === false || body.etag === undefined) return refused;
  if (typeof adopt === "string" && withoutQuotes(adopt) !== withoutQuotes(body.etag)) {
    const said = `not adopted: its ETag is ${withoutQuotes(body.etag)} now, and not ${withoutQuotes(adopt)}`;
    return refusal(id, "409203", said);
  }
  return entryBody(id, entry, body.attestation.symmetricKey as MadeKeys | undefined, body.etag);
}

/** Reads the symmetric keys that the service made and that this run does not know yet: it tells them one by one. */
async function readMadeKeys(world: World, service: string, standing: Standing): Promise<void> {
  const unread = standing.entries().filter(([id, entry]) => isKeyMade(entry) && standing.get(id)?.made === undefined);
  await eachOf(unread, async ([id, entry]) => {
    const keys = (await world.individualEnrollment(service, id).attestation())?.symmetricKey;
    const { primaryKey, secondaryKey } = keys ?? {};
    if (primaryKey !== undefined && secondaryKey !== undefined) standing.set(id, entry, { primaryKey, secondaryKey });
  });
}
