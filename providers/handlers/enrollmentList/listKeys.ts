/**
 * The symmetric keys of a list's enrollments that a vault stores: the secrets of each enrollment, their states, and what is
 * still to be done. Secrets are known by their place, so that those of a removed enrollment, or of keys that moved, stay in
 * the state until they are deleted.
 */

import { isObject } from "../../../azure/wire/jsonObject";
import { eachOf } from "../enrollment/bulkChanges";
import type { AzureGateway } from "../resource/azureGateway";
import { type Fields, optionalText, text } from "../resource/fields";
import type { Props } from "../resource/handler";
import { DIFFERS, KEY_SLOTS, type KeyPair, STORE, StoredKeys, storedAt, storedPlace } from "../vault/storedKeys";
import { isInVault, reportLeft } from "../vault/vaultObject";
import { vaultObjectName } from "../vault/vaultObjectNames";
import { isKeyMade } from "./listEntry";

type Gateway = Pick<AzureGateway, "vaultSecrets" | "log" | "pause">;

const { storedName: _each, ...STORE_OF_ALL } = STORE;

/** Inputs of the list: the vault, the secrets' owner, what to do with soft-deleted ones, and whether the vault is the stack's. */
export const LIST_STORE: Fields = STORE_OF_ALL;

/**
 * The two secrets of one enrollment in the outputs: their ids with versions, `primaryKeyId` and so on, and each
 * one's state, `primaryKeyState`, only where there is something to do.
 */
export type KeyReferences = Readonly<Record<string, string>>;

/** Enrollments at once: most of the time they wait for a vault that deletes or recovers. */
const AT_ONCE = 32;
/** So many failures end the work on the others: what refuses the keys of so many may refuse a thousand. */
const FAILURES = 20;
/** How many failures a message shows in full, and how many more it names. */
const EXPLAINED = 3;
const NAMED = 20;

/** Works on many, some at once, beyond failures of single ones; they are the result, with those that were not tried any more. */
export async function eachKept<T extends { readonly id: string }>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<readonly KeyFailure[]> {
  const failures: KeyFailure[] = [];
  const attempt = async (item: T): Promise<void> => {
    if (failures.length >= FAILURES)
      return void failures.push({ id: item.id, reason: "not tried after so many failures" });
    await work(item).catch((error: unknown) => {
      failures.push({ id: item.id, reason: error instanceof Error ? error.message : String(error) });
    });
  };
  await eachOf(items, attempt, AT_ONCE);
  return failures;
}

/** Why the keys of one enrollment are not where they should be. */
export interface KeyFailure {
  /** Registration ID, or where the secrets are. */
  readonly id: string;
  readonly reason: string;
}

/** Failures in words. */
export function keysMessage(failures: readonly KeyFailure[]): string {
  const lines = failures.slice(0, EXPLAINED).map(({ id, reason }) => `  ${id}: ${reason.replaceAll("\n", "\n  ")}`);
  const named = failures.slice(EXPLAINED, EXPLAINED + NAMED).map(({ id }) => id);
  const more = failures.length - EXPLAINED - NAMED;
  return [
    `Could not store the keys of ${failures.length === 1 ? "one enrollment" : `${failures.length} enrollments`} in the vault. ` +
      "The rest is done and kept: the next `pulumi up` goes on from here.",
    ...lines,
    ...(named.length > 0 ? [`  and ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`] : []),
  ].join("\n");
}

/** An enrollment by its registration ID. */
type Listed = readonly [id: string, entry: Props];

interface Known {
  readonly at: { readonly vaultUri: string; readonly storedName: string };
  /** Empty if a run without a response may have created the secrets. */
  readonly references: KeyReferences;
  readonly owner: string;
  readonly softDeleted: string | undefined;
  readonly vaultOfStack: boolean;
}

/** The members of `storedKeys`, an object, or `keysLeft`, a list. */
const recordsOf = (value: unknown): readonly Props[] =>
  isObject(value) || Array.isArray(value) ? (Object.values(value) as Props[]) : [];

const byPlace = ([one]: readonly [string, Known], [other]: readonly [string, Known]): number => (one < other ? -1 : 1);

const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === "string";

/** The inputs of the two secrets of an enrollment; undefined where no vault keeps its keys. */
function storeOf(list: Props, id: string, entry: Props): Props | undefined {
  if (!isInVault(list) || !isKeyMade(entry)) return undefined;
  const { vaultUri, owner, softDeleted, vaultOfStack } = list;
  return { vaultUri, owner, softDeleted, vaultOfStack, storedName: vaultObjectName(id, "enrollment") };
}

/** Where a list keeps the keys of an enrollment, as one text; undefined where in no vault. */
export function placeIn(list: Props, id: string, entry: Props): string | undefined {
  const store = storeOf(list, id, entry);
  return store && storedPlace(store);
}

/** The place of secrets, by their ids; undefined without one. */
function placeOf(references: KeyReferences): ReturnType<typeof storedAt> {
  const [keyId = ""] = KEY_SLOTS.flatMap((slot) => references[`${slot}KeyId`] ?? []);
  return storedAt(keyId);
}

/** The secrets of a list. */
export class ListKeys {
  readonly #gateway: Gateway;
  readonly #list: Props;
  readonly #known = new Map<string, Known>();

  /** `olds` are outputs with references to secrets; `list` the present inputs, or outputs. */
  constructor(gateway: Gateway, olds: Props, list: Props) {
    this.#gateway = gateway;
    this.#list = list;
    const { vaultOfStack } = olds;
    const kept = recordsOf(olds.storedKeys).map((record): Props => ({ ...record, vaultOfStack }));
    for (const record of [...kept, ...recordsOf(olds.keysLeft)]) {
      const { owner, softDeleted, vaultUri, storedName, ...rest } = record;
      const references = Object.fromEntries(Object.entries(rest).filter(isText));
      const isPlace = typeof vaultUri === "string" && typeof storedName === "string";
      const at = placeOf(references) ?? (isPlace ? { vaultUri, storedName } : undefined);
      if (at === undefined) continue;
      this.#known.set(storedPlace({ ...at }), {
        at,
        references,
        owner: optionalText(record, "owner") ?? optionalText(olds, "owner") ?? "",
        softDeleted: optionalText(record, "softDeleted") ?? optionalText(olds, "softDeleted"),
        vaultOfStack: record.vaultOfStack === true,
      });
    }
  }

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** Whether a vault keeps the keys of an entry. */
  isKept(entry: Props): boolean {
    return isInVault(this.#list) && isKeyMade(entry);
  }

  /** What is still to be done for the keys of an entry, a few words each; nothing for those that no vault keeps. */
  unsettled(id: string, entry: Props): readonly string[] {
    const place = placeIn(this.#list, id, entry);
    if (place === undefined) return [];
    const references = this.#known.get(place)?.references ?? {};
    return KEY_SLOTS.flatMap((slot) => {
      if (references[`${slot}KeyId`] === undefined) return [`${slot}Key not kept yet`];
      const [word] = references[`${slot}KeyState`]?.split(":") ?? [];
      return word === undefined ? [] : [`${slot}Key ${word}`];
    });
  }

  /**
   * Takes the keys of an entry that is kept; `theirs` are those that the enrollment has. Not settled before it has these.
   * The place is recorded before the request to the vault, because the response may be lost.
   */
  async take(id: string, entry: Props, theirs: Partial<KeyPair>): Promise<KeyPair> {
    const { store, known } = this.#of(id, entry);
    this.#note(store, known ?? {});
    const secrets = new StoredKeys(this.#gateway, store, known ?? {});
    try {
      return await secrets.take(theirs);
    } finally {
      const taken = KEY_SLOTS.filter((slot) => `${slot}KeyId` in secrets.outs);
      const states = Object.fromEntries(taken.map((slot) => [`${slot}KeyState`, DIFFERS]));
      if (taken.length > 0) this.#note(store, { ...known, ...secrets.outs, ...states });
    }
  }

  /** Notes that the enrollment has the keys of its entry that were taken. */
  settle(id: string, entry: Props): void {
    const { store, known } = this.#of(id, entry);
    const states = Object.fromEntries(KEY_SLOTS.map((slot) => [`${slot}KeyState`, "enabled"]));
    this.#note(store, { ...known, ...states });
  }

  /** Reads the state of an entry's secrets beside the enrollment's keys. */
  async look(id: string, entry: Props, theirs: Partial<KeyPair>): Promise<void> {
    const { store, known } = this.#of(id, entry);
    if (known === undefined || placeOf(known) === undefined) return;
    this.#note(store, { ...known, ...(await new StoredKeys(this.#gateway, store, known).look(theirs)) });
  }

  /** Where secrets are that none of these entries needs. */
  left(entries: readonly Listed[]): readonly string[] {
    const needed = new Set(entries.map(([id, entry]) => placeIn(this.#list, id, entry)));
    return [...this.#known.keys()].filter((place) => !needed.has(place)).sort();
  }

  /**
   * Deletes the secrets that none of these entries needs; without entries all of them, at the end of the list. The failures
   * are the result. What {@link StoredKeys.release} leaves to the stack's own vault is dropped, with one message.
   */
  async release(entries?: readonly Listed[]): Promise<readonly KeyFailure[]> {
    const ignoreLostVault: string[] = [];
    const failures = await eachKept(
      this.left(entries ?? []).map((id) => ({ id })),
      async ({ id: place }) => {
        const known = this.#known.get(place);
        if (known === undefined) return;
        const { at, references, ...claim } = known;
        const secrets = new StoredKeys(this.#gateway, { ...at, ...claim }, references);
        ignoreLostVault.push(...(await secrets.release(entries && this.#list)));
        this.#known.delete(place);
      },
    );
    reportLeft(this.#gateway, ignoreLostVault.sort());
    return failures;
  }

  /** For the state: references by registration ID, and those of secrets that none of these entries needs, or that may be. */
  outs(entries: readonly Listed[]): Readonly<Record<string, unknown>> {
    const storedKeys = entries.flatMap(([id, entry]) => {
      const { references = {} } = this.#known.get(placeIn(this.#list, id, entry) ?? "") ?? {};
      return placeOf(references) === undefined ? [] : [[id, references] as const];
    });
    const left = new Set(this.left(entries));
    const keysLeft = [...this.#known].sort(byPlace).flatMap(([place, known]) => {
      const { at, references, owner, softDeleted, vaultOfStack } = known;
      const isMade = placeOf(references) !== undefined;
      if (isMade && !left.has(place)) return [];
      const more = { ...(softDeleted === undefined ? {} : { softDeleted }), ...(vaultOfStack ? { vaultOfStack } : {}) };
      return [{ ...(isMade ? references : at), owner, ...more }];
    });
    return {
      ...(isInVault(this.#list) ? { storedKeys: Object.fromEntries(storedKeys) } : {}),
      ...(keysLeft.length > 0 ? { keysLeft } : {}),
    };
  }

  #of(id: string, entry: Props): { readonly store: Props; readonly known: KeyReferences | undefined } {
    const store = storeOf(this.#list, id, entry);
    if (store === undefined) throw new TypeError("the keys of this entry are in no vault");
    return { store, known: this.#known.get(storedPlace(store))?.references };
  }

  /** What is enabled needs no words in the state: there may be thousands. */
  #note(store: Props, references: KeyReferences): void {
    const isTold = ([name, value]: readonly [string, string]) => !(name.endsWith("State") && value === "enabled");
    this.#known.set(storedPlace(store), {
      at: { vaultUri: text(store, "vaultUri"), storedName: text(store, "storedName") },
      references: Object.fromEntries(Object.entries(references).filter(isTold)),
      owner: optionalText(store, "owner") ?? "",
      softDeleted: optionalText(store, "softDeleted"),
      vaultOfStack: store.vaultOfStack === true,
    });
  }
}
