/** One run over a list of enrollments: from what stands to what is wanted, by bulk operations, keeping what was done. */
import type { BulkRefusal, EnrollmentListClient } from "../../../azure/clients/enrollmentListClient";
import { nameKey } from "../../../azure/names";
import type { BulkEnrollment } from "../../../azure/wire/dpsEnrollment";
import { eachOf, inBulk, refusalMessage } from "../enrollment/bulkChanges";
import { withKeys } from "../enrollment/enrollmentRecord";
import { findEnrollments } from "../enrollment/enrollmentSearch";
import type { AzureGateway, Like } from "../resource/azureGateway";
import { isSame } from "../resource/canonicalJson";
import type { Props } from "../resource/handler";
import { newKeys } from "../vault/storedKeys";
import type { Standing } from "./currentState";
import { type Found, refusal, takeOver } from "./discovered";
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
import { eachKept, type KeyFailure, keysMessage, type ListKeys } from "./listKeys";
import { type Begun, EXISTS } from "./pendingCreates";

type Gateway = Pick<AzureGateway, "enrollmentList" | "individualEnrollment">;

const keyOf = (id: string): string => nameKey("registrationId", id);

const isKeyed = ({ symmetricKey }: Props): boolean => symmetricKey !== undefined;

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

/** What a run is about. */
export interface ListRunParts {
  readonly gateway: Gateway;
  /** Host name of the provisioning service. */
  readonly service: string;
  readonly wanted: Entries;
  /** What stands; says so at every moment of the run. */
  readonly standing: Standing;
  /** What is in the vault; says so, too. */
  readonly keys: ListKeys;
  /** What may stand, or not; says so, too. */
  readonly begun: Begun;
}

/** One run. */
export class ListRun {
  readonly #parts: ListRunParts;
  readonly #client: Like<EnrollmentListClient>;
  /** As they are wanted, by their keys. */
  readonly #ids: ReadonlyMap<string, string>;
  readonly #refused: BulkRefusal[] = [];
  readonly #failures: KeyFailure[] = [];

  constructor(parts: ListRunParts) {
    this.#parts = parts;
    this.#client = parts.gateway.enrollmentList(parts.service);
    this.#ids = new Map(Object.keys(parts.wanted).map((id) => [keyOf(id), id]));
  }

  /**
   * Makes what stands what is wanted, and throws when something was refused, with all of that.
   *
   * An enrollment comes to be with its keys, as one that is taken over has its own; then they are kept in the vault, or
   * the vault has some of ours, which the enrollment gets. So nothing is written to the vault for an enrollment that is
   * refused, and wherever a run ends, the next one finds the keys at the service.
   */
  async run(): Promise<void> {
    const { service, standing, keys, begun } = this.#parts;
    await begun.settle(service, standing);
    const wanted = [...this.#ids.values()];
    for (const [id, entry] of standing.entries())
      if (this.#ids.has(keyOf(id)) && isSameEntry(entry, this.#entry(id))) this.#stands(id);
    const leaving = standing.entries().filter(([id]) => !this.#ids.has(keyOf(id)));
    const changing = wanted.filter((id) => this.#isChanging(id));
    const coming = wanted.filter((id) => !standing.get(id));
    const asked = leaving.length + changing.length + coming.length;

    const gone = leaving.map(([id]) => entryToDelete(id));
    this.#refused.push(...(await deleteAll(this.#client, gone, (id) => standing.remove(id))));
    const present = await this.#look(changing, coming);
    const made = await this.#create(coming);
    await this.#update(await this.#keep([...present, ...made]));
    await this.#readMade();
    if (this.#failures.length === 0) this.#failures.push(...(await keys.release(standing.entries())));
    const said = [
      ...(this.#refused.length > 0 ? [refusalMessage(this.#refused, asked)] : []),
      ...(this.#failures.length > 0 ? [keysMessage(this.#failures)] : []),
    ];
    if (said.length > 0) throw new Error(said.join("\n"));
  }

  #entry(id: string): Props {
    return this.#parts.wanted[this.#ids.get(keyOf(id)) ?? id] ?? {};
  }

  #isKept(id: string): boolean {
    return this.#parts.keys.isKept(this.#entry(id));
  }

  /** Notes that an enrollment says what is wanted. */
  #stands(id: string): void {
    const { standing } = this.#parts;
    const isMade = isKeyMade(this.#entry(id)) && !this.#isKept(id);
    standing.set(
      this.#ids.get(keyOf(id)) ?? id,
      entryOuts(this.#entry(id)),
      isMade ? standing.get(id)?.made : undefined,
    );
  }

  #isChanging(id: string): boolean {
    const { standing, keys } = this.#parts;
    const before = standing.get(id);
    const entry = this.#entry(id);
    return before !== undefined && (!isSameEntry(before.entry, entry) || keys.unsettled(id, entry).length > 0);
  }

  /**
   * What a change is based on is read together with its ETag: what others changed meanwhile is not written over unseen.
   * What is gone is to come again.
   */
  async #look(changing: readonly string[], coming: string[]): Promise<readonly Found[]> {
    const { gateway, service, standing } = this.#parts;
    const present = new Map(await findEnrollments(gateway, service, changing));
    await eachOf(changing, async (id) => {
      const [plain, entry] = [present.get(keyOf(id)), this.#entry(id)];
      // Keys that an entry gives are a part of what it says; they are told only when asked for.
      if (plain && isKeyed(entry) && !isKeyMade(entry))
        present.set(keyOf(id), await withKeys(gateway.individualEnrollment(service, id), plain));
    });
    return changing.flatMap((id): Found[] => {
      const [body, before, entry] = [present.get(keyOf(id)), standing.get(id), this.#entry(id)];
      if (!body || !before) {
        standing.remove(id);
        coming.push(id);
        return [];
      }
      const etag = body.etag ?? "*";
      const isSaid = isSameEntry(readEntry(id, entry, body), entry);
      if (isSaid && this.#isKept(id)) return [{ id, etag, isSaid }];
      if (isSaid) this.#stands(id);
      else if (isSameEntry(readEntry(id, before.entry, body), before.entry))
        return [{ id, etag, made: before.made, isSaid: false }];
      else this.#refused.push(refusal(id, "409203", "it was changed by someone else since Pulumi last read it"));
      return [];
    });
  }

  /** Creates; answers those whose keys are to be kept, and those that stand already and are to change. */
  async #create(coming: readonly string[]): Promise<readonly Found[]> {
    const { gateway, service, begun } = this.#parts;
    const made: Found[] = [];
    const stands = (id: string, keys?: MadeKeys): void => {
      this.#stands(id);
      if (this.#isKept(id)) made.push({ id, made: keys, isSaid: true });
    };
    const pairs = new Map(coming.filter((id) => this.#isKept(id)).map((id) => [id, newKeys()]));
    const bodies = coming.map((id) => entryBody(id, this.#entry(id), pairs.get(id)));
    const client = begun.noting(this.#client, (id) => this.#entry(id));
    const refused = await inBulk(client, "create", bodies, (id) => stands(id, pairs.get(id)));
    const existing = refused.filter(({ code }) => code === EXISTS);
    this.#refused.push(...refused.filter(({ code }) => code !== EXISTS));
    const ids = existing.map(({ registrationId }) => registrationId);
    const found = await findEnrollments(gateway, service, ids);
    await eachOf(existing, async (each) => {
      const outcome = await takeOver(gateway, service, each, this.#entry(each.registrationId), found);
      begun.ended(each.registrationId);
      if (outcome === "stands") stands(each.registrationId);
      else if ("code" in outcome) this.#refused.push(outcome);
      else made.push(outcome);
    });
    return made;
  }

  /** Has the vault keep the keys that it is to keep; answers the updates that these enrollments need, with their keys. */
  async #keep(all: readonly Found[]): Promise<readonly BulkEnrollment[]> {
    const { gateway, service, keys } = this.#parts;
    const updates = new Map<string, BulkEnrollment>();
    const others = all.filter(({ id }) => !this.#isKept(id));
    await eachOf(others, async ({ id, made, etag }) => {
      // Keys that the state does not have, because a vault kept them, or a run ended before it read them, stay all the same.
      const isUnknown = isKeyMade(this.#entry(id)) && made === undefined;
      const staying = isUnknown ? await this.#madeKeys(id) : made;
      updates.set(id, entryBody(id, this.#entry(id), staying, etag));
    });
    const kept = all.filter(({ id }) => this.#isKept(id));
    const failures = await eachKept(kept, async ({ id, etag, made, isSaid }) => {
      const client = gateway.individualEnrollment(service, id);
      const entry = this.#entry(id);
      // Told once more unless they were made a moment ago: what the state says of an enrollment may be old.
      const theirs = (isSaid ? made : undefined) ?? (await client.attestation())?.symmetricKey ?? {};
      const pair = await keys.take(id, entry, theirs);
      if (isSaid && isSame(pair, theirs)) {
        keys.settle(id, entry);
        this.#stands(id);
        return;
      }
      const present = etag ?? (await client.get())?.etag;
      if (present === undefined) throw new Error("the enrollment is gone again; `pulumi up --refresh` makes it anew");
      updates.set(id, entryBody(id, entry, pair, present));
    });
    this.#failures.push(...failures);
    // In the order of the list, whichever answer came first.
    return all.flatMap(({ id }) => updates.get(id) ?? []);
  }

  async #update(updates: readonly BulkEnrollment[]): Promise<void> {
    const done = (id: string): void => {
      this.#stands(id);
      if (this.#isKept(id)) this.#parts.keys.settle(id, this.#entry(id));
    };
    this.#refused.push(...(await inBulk(this.#client, "updateIfMatchETag", updates, done)));
  }

  /** Reads the symmetric keys that the service made and that this run does not know yet: it tells them one by one. */
  async #readMade(): Promise<void> {
    const { standing, keys } = this.#parts;
    const isUnread = ([id, entry]: readonly [string, Props]): boolean =>
      isKeyMade(entry) && !keys.isKept(entry) && standing.get(id)?.made === undefined;
    await eachOf(standing.entries().filter(isUnread), async ([id, entry]) => {
      const made = await this.#madeKeys(id);
      if (made !== undefined) standing.set(id, entry, made);
    });
  }

  async #madeKeys(id: string): Promise<MadeKeys | undefined> {
    const { gateway, service } = this.#parts;
    const told = (await gateway.individualEnrollment(service, id).attestation())?.symmetricKey;
    const { primaryKey, secondaryKey } = told ?? {};
    return primaryKey === undefined || secondaryKey === undefined ? undefined : { primaryKey, secondaryKey };
  }
}
