/** The six methods of an enrollment of either kind. */
import { diffFields, optionalText, pickFields, UNKNOWN } from "../resource/fields";
import { GONE, type Handler, PartialError, type Props, type ReadResult } from "../resource/handler";
import { isCreatePending, isUnsettled, STORE, StoredKeys } from "../vault/storedKeys";
import { isInVault } from "../vault/vaultObject";
import { withPresentKeys } from "./attestation";
import { checkEnrollment, outputsOf } from "./enrollmentFields";
import {
  createEnrollment,
  currentKeys,
  type EnrollmentKind,
  isAsWanted,
  outputsWithKeys,
  replaceEnrollment,
  withKeys,
} from "./enrollmentRecord";
import {
  createWithVaultKeys,
  hasVaultKeys,
  outputsWithReferences,
  releaseVaultKeys,
  replaceWithVaultKeys,
} from "./enrollmentVaultKeys";
import { importedProps } from "./importedEnrollment";

type Outputs = Record<string, unknown>;

async function create(kind: EnrollmentKind, inputs: Props, olds?: Props): Promise<Outputs> {
  if (isInVault(inputs)) return createWithVaultKeys(kind, inputs, olds);
  return outputsWithKeys(kind, inputs, await createEnrollment(kind, inputs));
}

async function replace(kind: EnrollmentKind, olds: Props, news: Props): Promise<Outputs> {
  // State of an older shape may lack the ETag: the present enrollment is then what is replaced.
  const etag = isCreatePending(olds)
    ? undefined
    : (optionalText(olds, "etag") ?? (await kind.client(news).get())?.etag);
  if (etag === undefined) return create(kind, news, olds);
  if (isInVault(news)) return replaceWithVaultKeys(kind, olds, news, etag);
  const { primaryKey, secondaryKey } = isInVault(olds) ? await currentKeys(kind, news) : olds;
  const body = await replaceEnrollment(kind, withPresentKeys(news, primaryKey, secondaryKey), etag);
  return outputsWithKeys(kind, news, body);
}

async function update(kind: EnrollmentKind, id: string, olds: Props, news: Props): Promise<Outputs> {
  const outs = await replace(kind, olds, news);
  try {
    await releaseVaultKeys(kind, olds, news);
    return outs;
  } catch (error) {
    // The old secrets stay in the state until they are gone, beside the new ones.
    const moving = isInVault(news) ? { moving: pickFields(STORE, news) } : {};
    throw new PartialError(id, { ...olds, etag: outs.etag, ...moving }, error);
  }
}

async function read(kind: EnrollmentKind, id: string, props: Props): Promise<ReadResult> {
  const { fields } = kind;
  if (isCreatePending(props)) return { id, props: { ...props }, inputs: pickFields(fields, props) };
  const present = await kind.client(props).get();
  if (!present) return GONE;
  const body = await withKeys(kind.client(props), present);
  // A run was killed while it created it: one that says something else is another's.
  if (props.begun === true && !isAsWanted(kind, props, body)) return GONE;
  const inputs = pickFields(fields, { ...props, ...kind.readInputs(props, body) });
  const more = props.moving === undefined ? {} : { moving: props.moving };
  if (!isInVault(props)) return { id, props: { ...outputsOf(fields, inputs, body), ...more }, inputs };
  const states = await new StoredKeys(kind.gateway, props).look(body.attestation.symmetricKey);
  const { primaryKeyId, secondaryKeyId } = props;
  const references = { primaryKeyId, secondaryKeyId, ...states, ...more };
  return { id, props: outputsWithReferences(kind, inputs, body, references), inputs };
}

/** The handler of one kind. */
export const enrollmentHandler = (kind: EnrollmentKind): Handler => ({
  async check(_olds, news) {
    const { gateway, noun, fields, attestation } = kind;
    const { warnings, ...result } = checkEnrollment(fields, attestation, news, gateway.now());
    const id = news[kind.idInput];
    const label = typeof id === "string" && id !== UNKNOWN ? `${noun} ${id}` : noun;
    for (const { property, reason } of warnings) gateway.log(`${label}, ${property}: ${reason}`);
    return result;
  },
  async diff(_id, olds, news) {
    // The old one is deleted first: going back to its ID after a failed change would else adopt it, and then delete it.
    const diff = diffFields(kind.fields, olds, news);
    return { ...diff, changes: diff.changes || isUnsettled(olds), deleteBeforeReplace: true };
  },
  async create(inputs) {
    return { id: kind.id(inputs), outs: await create(kind, inputs) };
  },
  read: (id, props) => read(kind, id, props),
  async import(id) {
    const props = await importedProps(kind, id);
    return props === undefined ? GONE : read(kind, kind.id(props), props);
  },
  async update(id, olds, news) {
    return { outs: await update(kind, id, olds, news) };
  },
  async delete(_id, props) {
    // Deleted whatever changed it last. After a create that stopped, only an enrollment that is ours is deleted.
    if (!isCreatePending(props) || (await hasVaultKeys(kind, props))) await kind.client(props).delete("*");
    await releaseVaultKeys(kind, props);
  },
});
