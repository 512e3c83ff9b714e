/**
 * Handler of EnrollmentList: any number of individual enrollments as one resource, by registration ID, so that adding or
 * removing one is a change of that one only (docs/decisions/0011). Changed by bulk operations, ten in a request.
 */
import { eachOf, refusalMessage } from "./enrollment/bulkChanges";
import { withKeys } from "./enrollment/enrollmentRecord";
import { findEnrollments } from "./enrollment/enrollmentSearch";
import { CurrentState } from "./enrollmentList/currentState";
import { importedList } from "./enrollmentList/importedList";
import { differenceMessage, listDifference } from "./enrollmentList/listDifference";
import { entryOuts, entryToDelete, idKey, isKeyMade, readEntry } from "./enrollmentList/listEntry";
import { checkEntries, entriesOf, entryInputs, FIELDS } from "./enrollmentList/listInputs";
import { keysMessage } from "./enrollmentList/listKeys";
import { deleteAll, ListUpdate } from "./enrollmentList/listUpdate";
import { warningLines } from "./enrollmentList/listWarnings";
import type { AzureGateway } from "./resource/azureGateway";
import { checkFields, diffFields, text } from "./resource/fields";
import { GONE, type Handler, PartialError, type Props, type ReadResult } from "./resource/handler";
import { wholePair } from "./vault/storedKeys";

type Gateway = Pick<AzureGateway, "enrollmentList" | "individualEnrollment" | "vaultSecrets" | "now" | "log" | "pause">;

const idOf = (inputs: Props): string => `${text(inputs, "serviceEndpoint")}/enrollmentList`;

/** Updates the list. The state keeps what was done, also if some changes were refused. */
async function apply(gateway: Gateway, olds: Props, news: Props): Promise<Record<string, unknown>> {
  const state = new CurrentState(gateway, olds, news);
  const service = text(news, "serviceEndpoint");
  try {
    await new ListUpdate(gateway, service, entriesOf(news), state).run();
  } catch (error) {
    if (state.isEmpty) throw error;
    throw new PartialError(idOf(news), state.outs(news), error);
  }
  return state.outs(news);
}

/** The outputs as the service has the list now: without enrollments that are gone, and with changes of others. */
async function readList(gateway: Gateway, props: Props): Promise<Record<string, unknown>> {
  const service = text(props, "serviceEndpoint");
  const state = new CurrentState(gateway, props, props);
  await state.settle(service);
  const entries = state.entries();
  const found = await findEnrollments(
    gateway,
    service,
    entries.map(([id]) => id),
  );
  await eachOf(entries, async ([id, entry]) => {
    const plain = found.get(idKey(id));
    if (!plain) return state.remove(id);
    const body = await withKeys(gateway.individualEnrollment(service, id), plain);
    const isKept = state.keys.isKept(entry);
    if (isKept) await state.keys.look(id, entry, { ...body.attestation.symmetricKey });
    const made = isKeyMade(entry) && !isKept ? wholePair(body.attestation.symmetricKey) : undefined;
    state.set(id, entryOuts(readEntry(id, entry, body)), made);
  });
  return state.outs(props);
}

async function read(gateway: Gateway, id: string, props: Props): Promise<ReadResult> {
  const outs = await readList(gateway, props);
  const { symmetricKeys, storedKeys, keysLeft, begun, ...inputs } = outs;
  return { id, props: outs, inputs };
}

async function deleteList(gateway: Gateway, props: Props): Promise<void> {
  const service = text(props, "serviceEndpoint");
  const state = new CurrentState(gateway, props, props);
  await state.settle(service);
  const entries = state.entries().map(([id]) => entryToDelete(id));
  // Deleted whatever changed them last; already gone is success.
  const refused = await deleteAll(gateway.enrollmentList(service), entries, () => undefined);
  if (refused.length > 0) throw new Error(refusalMessage(refused, entries.length));
  const failures = await state.keys.release();
  if (failures.length > 0) throw new Error(keysMessage(failures));
}

/** The handler. */
export const handler = (gateway: Gateway): Handler => ({
  async check(_olds, news) {
    const { inputs, failures } = checkFields(FIELDS, news);
    const entries = entriesOf(news);
    const checked = checkEntries(entries, inputs, gateway.now());
    for (const line of warningLines(checked.warnings)) gateway.log(line);
    return {
      inputs: { ...inputs, ...entryInputs(Object.entries(entries)) },
      failures: [...failures, ...checked.failures],
    };
  },
  async diff(_id, olds, news) {
    const { changes, replaces } = diffFields(FIELDS, olds, news);
    const message = differenceMessage(listDifference(gateway, olds, news));
    if (message !== undefined && replaces.length === 0) gateway.log(message);
    return { changes: changes || message !== undefined, replaces, deleteBeforeReplace: true };
  },
  async create(inputs) {
    return { id: idOf(inputs), outs: await apply(gateway, {}, inputs) };
  },
  read: (id, props) => read(gateway, id, props),
  async import(id) {
    const props = await importedList(gateway, id);
    return props === undefined ? GONE : read(gateway, idOf(props), props);
  },
  async update(_id, olds, news) {
    return { outs: await apply(gateway, olds, news) };
  },
  async delete(_id, props) {
    await deleteList(gateway, props);
  },
});
