/** One update of an enrollment list, by bulk operations: what was done is kept, whatever else fails. */
import type { BulkRefusal, EnrollmentListClient } from "../../../azure/clients/enrollmentListClient";
import type { BulkEnrollment } from "../../../azure/wire/dpsEnrollment";
import { eachOf, inBulk, refusalMessage } from "../enrollment/bulkChanges";
import { withKeys } from "../enrollment/enrollmentRecord";
import { findEnrollments } from "../enrollment/enrollmentSearch";
import type { Like } from "../resource/azureClients";
import type { AzureGateway } from "../resource/azureGateway";
import { isSame } from "../resource/canonicalJson";
import type { Props } from "../resource/handler";
import { type KeyPair, newKeys, wholePair } from "../vault/storedKeys";
import type { CurrentState } from "./currentState";
import { type Discovered, discover, refusal } from "./discovered";
import {
  type Entries,
  entryBody,
  entryOuts,
  entryToDelete,
  idKey,
  isKeyMade,
  isSameEntry,
  readEntry,
} from "./listEntry";
import { eachKept, type KeyFailure, keysMessage } from "./listKeys";
import { EXISTS } from "./pendingCreates";

type Gateway = Pick<AzureGateway, "enrollmentList" | "individualEnrollment">;

const isKeyed = ({ symmetricKey }: Props): boolean => symmetricKey !== undefined;

/** Deletes; already gone is success. Returns the refusals. */
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

/** One update. */
export class ListUpdate {
  readonly #client: Like<EnrollmentListClient>;
  /** Wanted registration IDs by their keys. */
  readonly #ids: ReadonlyMap<string, string>;
  readonly #refused: BulkRefusal[] = [];
  readonly #failures: KeyFailure[] = [];

  /** `service` is the host name of the provisioning service; `state` is correct at every moment of the update. */
  constructor(
    private readonly gateway: Gateway,
    private readonly service: string,
    private readonly wanted: Entries,
    private readonly state: CurrentState,
  ) {
    this.#client = gateway.enrollmentList(service);
    this.#ids = new Map(Object.keys(wanted).map((id) => [idKey(id), id]));
  }

  /**
   * Brings the service to the wanted entries, and throws one error with everything that was refused.
   *
   * An enrollment is created with its keys, and an adopted one has its own; then the vault stores them, or has some of ours,
   * which the enrollment gets. So nothing is written to the vault for an enrollment that is refused, and wherever an update
   * stops, the next one finds the keys at the service.
   */
  async run(): Promise<void> {
    const state = this.state;
    await state.settle(this.service);
    const wanted = [...this.#ids.values()];
    for (const [id, entry] of state.entries())
      if (this.#ids.has(idKey(id)) && isSameEntry(entry, this.#entry(id))) this.#confirm(id);
    const leaving = state.entries().filter(([id]) => !this.#ids.has(idKey(id)));
    const changing = wanted.filter((id) => this.#isChanging(id));
    const coming = wanted.filter((id) => !state.get(id));
    const requested = leaving.length + changing.length + coming.length;

    const deletions = leaving.map(([id]) => entryToDelete(id));
    this.#refused.push(...(await deleteAll(this.#client, deletions, (id) => state.remove(id))));
    const present = await this.#read(changing, coming);
    const created = await this.#create(coming);
    await this.#update(await this.#storeKeys([...present, ...created]));
    await this.#readMadeKeys();
    if (this.#failures.length === 0) this.#failures.push(...(await state.keys.release(state.entries())));
    const messages = [
      ...(this.#refused.length > 0 ? [refusalMessage(this.#refused, requested)] : []),
      ...(this.#failures.length > 0 ? [keysMessage(this.#failures)] : []),
    ];
    if (messages.length > 0) throw new Error(messages.join("\n"));
  }

  #entry(id: string): Props {
    return this.wanted[this.#ids.get(idKey(id)) ?? id] ?? {};
  }

  #isKept(id: string): boolean {
    return this.state.keys.isKept(this.#entry(id));
  }

  /** Records that an enrollment is as wanted. */
  #confirm(id: string): void {
    const isMade = isKeyMade(this.#entry(id)) && !this.#isKept(id);
    const made = isMade ? this.state.get(id)?.made : undefined;
    this.state.set(this.#ids.get(idKey(id)) ?? id, entryOuts(this.#entry(id)), made);
  }

  #isChanging(id: string): boolean {
    const before = this.state.get(id);
    const entry = this.#entry(id);
    return (
      before !== undefined && (!isSameEntry(before.entry, entry) || this.state.keys.unsettled(id, entry).length > 0)
    );
  }

  /**
   * Reads what a change is based on together with its ETag, so that changes of others are not overwritten unseen. Adds
   * enrollments that are gone to `coming`.
   */
  async #read(changing: readonly string[], coming: string[]): Promise<readonly Discovered[]> {
    const [gateway, service, state] = [this.gateway, this.service, this.state];
    const present = new Map(await findEnrollments(gateway, service, changing));
    await eachOf(changing, async (id) => {
      const [plain, entry] = [present.get(idKey(id)), this.#entry(id)];
      // Keys that an entry gives are part of its content; the service returns them only on request.
      if (plain && isKeyed(entry) && !isKeyMade(entry))
        present.set(idKey(id), await withKeys(gateway.individualEnrollment(service, id), plain));
    });
    return changing.flatMap((id): Discovered[] => {
      const [body, before, entry] = [present.get(idKey(id)), state.get(id), this.#entry(id)];
      if (!body || !before) {
        state.remove(id);
        coming.push(id);
        return [];
      }
      const etag = body.etag ?? "*";
      const isAsWanted = isSameEntry(readEntry(id, entry, body), entry);
      if (isAsWanted && this.#isKept(id)) return [{ id, etag, isAsWanted }];
      if (isAsWanted) this.#confirm(id);
      else if (isSameEntry(readEntry(id, before.entry, body), before.entry))
        return [{ id, etag, made: before.made, isAsWanted: false }];
      else this.#refused.push(refusal(id, "409203", "it was changed by someone else since Pulumi last read it"));
      return [];
    });
  }

  /** Creates. Returns those whose keys the vault is to store, and existing ones that are to change. */
  async #create(coming: readonly string[]): Promise<readonly Discovered[]> {
    const [gateway, service, pending] = [this.gateway, this.service, this.state.pending];
    const made: Discovered[] = [];
    const created = (id: string, keys?: KeyPair): void => {
      this.#confirm(id);
      if (this.#isKept(id)) made.push({ id, made: keys, isAsWanted: true });
    };
    const pairs = new Map(coming.filter((id) => this.#isKept(id)).map((id) => [id, newKeys()]));
    const bodies = coming.map((id) => entryBody(id, this.#entry(id), pairs.get(id)));
    const client = pending.recording(this.#client, (id) => this.#entry(id));
    const refused = await inBulk(client, "create", bodies, (id) => created(id, pairs.get(id)));
    const existing = refused.filter(({ code }) => code === EXISTS);
    this.#refused.push(...refused.filter(({ code }) => code !== EXISTS));
    const ids = existing.map(({ registrationId }) => registrationId);
    const found = await findEnrollments(gateway, service, ids);
    await eachOf(existing, async (each) => {
      const outcome = await discover(gateway, service, each, this.#entry(each.registrationId), found);
      pending.resolve(each.registrationId);
      if (outcome === "ours") created(each.registrationId);
      else if ("code" in outcome) this.#refused.push(outcome);
      else made.push(outcome);
    });
    return made;
  }

  /** Stores keys in the vault where it is to have them. Returns the updates that the enrollments need, with their keys. */
  async #storeKeys(all: readonly Discovered[]): Promise<readonly BulkEnrollment[]> {
    const [gateway, service, keys] = [this.gateway, this.service, this.state.keys];
    const updates = new Map<string, BulkEnrollment>();
    const others = all.filter(({ id }) => !this.#isKept(id));
    await eachOf(others, async ({ id, made, etag }) => {
      // Keys that are not in the state, because a vault had them or a run stopped before it read them, stay the same.
      const isUnknown = isKeyMade(this.#entry(id)) && made === undefined;
      const staying = isUnknown ? await this.#madeKeys(id) : made;
      updates.set(id, entryBody(id, this.#entry(id), staying, etag));
    });
    const kept = all.filter(({ id }) => this.#isKept(id));
    const failures = await eachKept(kept, async ({ id, etag, made, isAsWanted }) => {
      const client = gateway.individualEnrollment(service, id);
      const entry = this.#entry(id);
      // Read again unless they were just made: the state may be out of date.
      const theirs = (isAsWanted ? made : undefined) ?? (await client.attestation())?.symmetricKey ?? {};
      const pair = await keys.take(id, entry, theirs);
      if (isAsWanted && isSame(pair, theirs)) {
        keys.settle(id, entry);
        this.#confirm(id);
        return;
      }
      const present = etag ?? (await client.get())?.etag;
      if (present === undefined)
        throw new Error("the enrollment is gone again; `pulumi up --refresh` creates it again");
      updates.set(id, entryBody(id, entry, pair, present));
    });
    this.#failures.push(...failures);
    // In the order of the list, whichever response came first.
    return all.flatMap(({ id }) => updates.get(id) ?? []);
  }

  async #update(updates: readonly BulkEnrollment[]): Promise<void> {
    const done = (id: string): void => {
      this.#confirm(id);
      if (this.#isKept(id)) this.state.keys.settle(id, this.#entry(id));
    };
    this.#refused.push(...(await inBulk(this.#client, "updateIfMatchETag", updates, done)));
  }

  /** Reads the symmetric keys that the service made and that are not known yet: it returns them one by one. */
  async #readMadeKeys(): Promise<void> {
    const state = this.state;
    const isUnread = ([id, entry]: readonly [string, Props]): boolean =>
      isKeyMade(entry) && !state.keys.isKept(entry) && state.get(id)?.made === undefined;
    await eachOf(state.entries().filter(isUnread), async ([id, entry]) => {
      const made = await this.#madeKeys(id);
      if (made !== undefined) state.set(id, entry, made);
    });
  }

  async #madeKeys(id: string): Promise<KeyPair | undefined> {
    const keys = (await this.gateway.individualEnrollment(this.service, id).attestation())?.symmetricKey;
    return wholePair(keys);
  }
}
