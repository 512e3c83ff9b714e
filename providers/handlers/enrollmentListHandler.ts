/**
 * Handler of EnrollmentList: individual enrollments of any number as one resource, by registration ID, so that adding or
 * removing one in the midst is a change of that one alone (docs/decisions/0011). Changed by bulk operations, ten a call.
 */
import { nameKey } from "../../azure/names";
import { eachOf, refusalMessage } from "./enrollment/bulkChanges";
import type { EnrollmentCheck } from "./enrollment/enrollmentFields";
import { withKeys } from "./enrollment/enrollmentRecord";
import { findEnrollments } from "./enrollment/enrollmentSearch";
import { Standing } from "./enrollmentList/currentState";
import { differenceMessage, type ListDifference } from "./enrollmentList/listDifference";
import {
  checkEntry,
  ENTRY_FIELDS,
  type Entries,
  entryOuts,
  entryToDelete,
  isKeyMade,
  type MadeKeys,
  readEntry,
} from "./enrollmentList/listEntry";
import { keysMessage, LIST_STORE, ListKeys, placeIn } from "./enrollmentList/listKeys";
import { deleteAll, ListRun } from "./enrollmentList/listRun";
import { Begun } from "./enrollmentList/pendingCreates";
import type { AzureGateway } from "./resource/azureGateway";
import {
  changedFields,
  checkFields,
  diffFields,
  type Fields,
  pemCertificates,
  pickFields,
  text,
  UNKNOWN,
} from "./resource/fields";
import { type CheckFailure, type Handler, PartialError, type Props } from "./resource/handler";
import { isInVault } from "./vault/vaultObject";

type Gateway = Pick<AzureGateway, "enrollmentList" | "individualEnrollment" | "vaultSecrets" | "now" | "log" | "pause">;

const isRecord = (value: unknown): value is Props =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Inputs beside the enrollments. */
export const FIELDS: Fields = {
  serviceEndpoint: { isRequired: true, onChange: "replaceWithParent" },
  // For the preview's eyes: no part of the enrollments.
  trustedCertificates: { onChange: "ignore", fault: pemCertificates },
  ...LIST_STORE,
};

/**
 * Each enrollment is an input of its own, `device:` and its registration ID: the engine tells changed inputs by their
 * names, and of an object in an input it would show all the thousand that did not change, too.
 */
const PREFIX = "device:";

const keyOf = (id: string): string => nameKey("registrationId", id);

const listed = (props: Props): [string, unknown][] =>
  Object.entries(props)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, entry]) => [name.slice(PREFIX.length), entry]);

const entriesOf = (props: Props): Entries => Object.fromEntries(listed(props)) as Entries;

const inputsOf = (
  serviceEndpoint: unknown,
  entries: readonly (readonly [string, unknown])[],
): Record<string, unknown> => ({
  serviceEndpoint,
  ...Object.fromEntries(entries.map(([id, entry]) => [`${PREFIX}${id}`, entry])),
});

const madeOf = (props: Props) => (isRecord(props.symmetricKeys) ? props.symmetricKeys : {}) as Record<string, MadeKeys>;

const idOf = (inputs: Props): string => `${text(inputs, "serviceEndpoint")}/enrollmentList`;

/** Every fault of every entry, at the entry's own field, and what there is to tell beside. */
function checkEntries(entries: Entries, list: Props, now: Date): Omit<EnrollmentCheck, "inputs"> {
  const failures: CheckFailure[] = [];
  const warnings: CheckFailure[] = [];
  const seen = new Map<string, string>();
  for (const [id, entry] of Object.entries(entries)) {
    const property = `${PREFIX}${id}`;
    const twin = seen.get(keyOf(id));
    seen.set(keyOf(id), id);
    if (twin !== undefined) failures.push({ property, reason: `is the same registration ID as ${twin}` });
    // The host of dynamic resources gives a value that is not known yet as a text.
    if ((entry as unknown) === UNKNOWN) continue;
    if (!isRecord(entry)) {
      failures.push({ property, reason: "must be an object" });
      continue;
    }
    const checked = checkEntry(id, entry, list.trustedCertificates, now);
    const at = (each: CheckFailure): CheckFailure => ({ ...each, property: `${property}.${each.property}` });
    failures.push(...checked.failures.map(at));
    warnings.push(...checked.warnings.map(at));
  }
  return { failures, warnings };
}

const ownerFaults = (list: Props): CheckFailure[] =>
  isInVault(list) && list.owner === undefined
    ? [{ property: "owner", reason: "owner is missing: keys that are kept in a vault need it" }]
    : [];

/** Warnings that are told one by one. */
const SHOWN = 10;

/** What differs between two lists; letter case tells no registration IDs apart. */
function differenceOf(gateway: Gateway, olds: Props, given: Props): ListDifference {
  // An address that is not known yet is that of a vault which changes in whatever way: most often it stays.
  const news = given.vaultUri === UNKNOWN && isInVault(olds) ? { ...given, vaultUri: olds.vaultUri } : given;
  const [before, after] = [entriesOf(olds), entriesOf(news)];
  const had = new Map(Object.entries(before).map(([id, entry]) => [keyOf(id), entry]));
  const wanted = new Set(Object.keys(after).map(keyOf));
  const pairs = Object.entries(after).map(([id, entry]) => ({ id, before: had.get(keyOf(id)), entry }));
  const keys = new ListKeys(gateway, olds, news);
  const left = new ListKeys(gateway, { keysLeft: olds.keysLeft }, news);
  return {
    begun: new Begun(gateway, olds).ids().filter((id) => !wanted.has(keyOf(id))),
    added: pairs.filter((pair) => pair.before === undefined).map(({ id }) => id),
    removed: Object.keys(before).filter((id) => !wanted.has(keyOf(id))),
    changed: pairs.flatMap(({ id, before: old, entry }) => {
      if (old === undefined) return [];
      if (!isRecord(entry)) return [{ id, fields: ["not known yet"] }];
      const isMoved = placeIn(olds, id, old) !== placeIn(news, id, entry);
      const fields = [...changedFields(ENTRY_FIELDS, old, entry), ...(isMoved ? ["store"] : keys.unsettled(id, entry))];
      return fields.length === 0 ? [] : [{ id, fields }];
    }),
    left: left.left(Object.entries(after).filter(([, entry]) => isRecord(entry))).length,
  };
}

/** What is known of a list while it is worked on. */
interface ListState {
  readonly standing: Standing;
  readonly keys: ListKeys;
  readonly begun: Begun;
}

/** By the outputs before, and what is wanted. */
const stateOf = (gateway: Gateway, olds: Props, news: Props): ListState => ({
  standing: new Standing(entriesOf(olds), madeOf(olds)),
  keys: new ListKeys(gateway, olds, news),
  begun: new Begun(gateway, olds),
});

/** The outputs: what stands, what may stand, the symmetric keys that the service made, and references to those in a vault. */
const outputs = (given: Props, { standing, keys, begun }: ListState): Record<string, unknown> => ({
  // In the state beside the rest: the engine would else tell it as a change whenever something changes.
  ...pickFields(FIELDS, given),
  ...inputsOf(given.serviceEndpoint, standing.entries()),
  symmetricKeys: Object.fromEntries(standing.keys()),
  ...keys.outs(standing.entries()),
  ...begun.outs(),
});

/** Makes what stands what is wanted; what came of it is kept also when some were refused. */
async function apply(gateway: Gateway, olds: Props, news: Props): Promise<Record<string, unknown>> {
  const service = text(news, "serviceEndpoint");
  const state = stateOf(gateway, olds, news);
  try {
    await new ListRun({ gateway, service, wanted: entriesOf(news), ...state }).run();
  } catch (error) {
    if (state.standing.isEmpty && state.keys.isEmpty && state.begun.isEmpty) throw error;
    throw new PartialError(idOf(news), outputs(news, state), error);
  }
  return outputs(news, state);
}

/** The list as it stands now: what is gone is left out, what was changed says so. */
async function readList(gateway: Gateway, props: Props): Promise<Record<string, unknown>> {
  const service = text(props, "serviceEndpoint");
  const state = stateOf(gateway, props, props);
  const { standing, keys, begun } = state;
  await begun.settle(service, standing);
  const entries = standing.entries();
  const ids = entries.map(([id]) => id);
  const found = await findEnrollments(gateway, service, ids);
  await eachOf(entries, async ([id, entry]) => {
    const plain = found.get(keyOf(id));
    if (!plain) return standing.remove(id);
    const body = await withKeys(gateway.individualEnrollment(service, id), plain);
    const { primaryKey, secondaryKey } = body.attestation.symmetricKey ?? {};
    const isKept = keys.isKept(entry);
    if (isKept) await keys.look(id, entry, { ...body.attestation.symmetricKey });
    const made = primaryKey === undefined || secondaryKey === undefined ? undefined : { primaryKey, secondaryKey };
    standing.set(id, entryOuts(readEntry(id, entry, body)), isKeyMade(entry) && !isKept ? made : undefined);
  });
  return outputs(props, state);
}

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    const { inputs, failures } = checkFields(FIELDS, news);
    const entries = entriesOf(news);
    const checked = checkEntries(entries, inputs, gateway.now());
    for (const { property, reason } of checked.warnings.slice(0, SHOWN)) gateway.log(`${property}: ${reason}`);
    const more = checked.warnings.length - SHOWN;
    if (more > 0) gateway.log(`There are ${more} more warnings of certificates of the list of individual enrollments.`);
    return {
      inputs: { ...inputs, ...inputsOf(inputs.serviceEndpoint, Object.entries(entries)) },
      failures: [...failures, ...ownerFaults(inputs), ...checked.failures],
    };
  },
  async diff(_id, olds, news) {
    const { changes, replaces } = diffFields(FIELDS, olds, news);
    const message = differenceMessage(differenceOf(gateway, olds, news));
    if (message !== undefined && replaces.length === 0) gateway.log(message);
    return {
      changes: changes || message !== undefined,
      replaces,
      deleteBeforeReplace: true,
    };
  },
  async create(inputs) {
    return { id: idOf(inputs), outs: await apply(gateway, {}, inputs) };
  },
  async read(id, props) {
    const outs = await readList(gateway, props);
    const { symmetricKeys, storedKeys, keysLeft, begun, ...inputs } = outs;
    return { id, props: outs, inputs };
  },
  async update(_id, olds, news) {
    return { outs: await apply(gateway, olds, news) };
  },
  async delete(_id, props) {
    const service = text(props, "serviceEndpoint");
    const { standing, keys, begun } = stateOf(gateway, props, props);
    await begun.settle(service, standing);
    const entries = standing.entries().map(([id]) => entryToDelete(id));
    const client = gateway.enrollmentList(service);
    // The user asked for their end, whoever changed them last; what is gone already is no failure.
    const refused = await deleteAll(client, entries, () => undefined);
    if (refused.length > 0) throw new Error(refusalMessage(refused, entries.length));
    const failures = await keys.release();
    if (failures.length > 0) throw new Error(keysMessage(failures));
  },
});
