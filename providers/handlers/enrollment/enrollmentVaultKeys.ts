/** One enrollment of either kind whose symmetric keys are secrets of a vault: the state has references to them only. */
import { isSame } from "../resource/canonicalJson";
import { pickFields } from "../resource/fields";
import { PartialError, type Props } from "../resource/handler";
import { type KeyPair, STORE, StoredKeys } from "../vault/storedKeys";
import { hasLostAccess, isInVault, reportLeft } from "../vault/vaultObject";
import { outputsOf } from "./enrollmentFields";
import {
  createEnrollment,
  currentKeys,
  type EnrollmentBody,
  type EnrollmentKind,
  replaceEnrollment,
  withKeys,
} from "./enrollmentRecord";

const withKeyPair = (inputs: Props, symmetricKey: KeyPair): Props => ({ ...inputs, symmetricKey });

/** The outputs: references in place of the symmetric keys. */
export function outputsWithReferences(
  { fields }: EnrollmentKind,
  inputs: Props,
  body: EnrollmentBody,
  references: Props,
): Record<string, unknown> {
  const keyless = { ...body, attestation: { ...body.attestation, symmetricKey: {} } };
  return { ...outputsOf(fields, inputs, keyless), ...references };
}

/**
 * Creates with keys that the vault has before the service has them. An existing enrollment is adopted or refused before
 * anything is written to the vault; then its keys stay, unless the vault has keys of ours. `olds` are the outputs of a create
 * that stopped.
 */
export async function createWithVaultKeys(
  kind: EnrollmentKind,
  inputs: Props,
  olds?: Props,
): Promise<Record<string, unknown>> {
  const client = kind.client(inputs);
  const secrets = new StoredKeys(kind.gateway, inputs, olds);
  const isPresent = (await client.get()) !== undefined;
  const present = isPresent ? await withKeys(client, await createEnrollment(kind, inputs)) : undefined;
  try {
    const currentPair = present?.attestation.symmetricKey;
    const keys = await secrets.take(currentPair);
    const body =
      present === undefined
        ? await createEnrollment(kind, withKeyPair(inputs, keys))
        : isSame(keys, currentPair)
          ? present
          : await client.put(kind.body(withKeyPair(inputs, keys)), present.etag);
    return outputsWithReferences(kind, inputs, body, secrets.outs);
  } catch (error) {
    // The state must know of the secrets: the next `up` goes on with them, and a destroy deletes them.
    if (Object.keys(secrets.outs).length === 0) throw error;
    throw new PartialError(kind.id(inputs), { ...pickFields(kind.fields, inputs), ...secrets.outs }, error);
  }
}

/** Replaces with the keys that the vault has, or is to have from now on. */
export async function replaceWithVaultKeys(
  kind: EnrollmentKind,
  olds: Props,
  news: Props,
  etag: string,
): Promise<Record<string, unknown>> {
  const secrets = new StoredKeys(kind.gateway, news, olds);
  try {
    const keys = await secrets.take(await currentKeys(kind, news));
    const body = await replaceEnrollment(kind, withKeyPair(news, keys), etag);
    return outputsWithReferences(kind, news, body, secrets.outs);
  } catch (error) {
    if (secrets.isSame(olds)) throw error;
    // The keys are on their way to another place: the state must know of what may be there already.
    throw new PartialError(kind.id(news), { ...olds, moving: pickFields(STORE, news) }, error);
  }
}

/** Whether the present enrollment has the very keys of the vault: then it is ours, and the response to its create was lost. */
export async function hasVaultKeys(kind: EnrollmentKind, props: Props): Promise<boolean> {
  const keys = await currentKeys(kind, props);
  try {
    const states = await new StoredKeys(kind.gateway, props).look(keys);
    return Object.values(states).every((state) => state === "enabled");
  } catch (error) {
    if (!hasLostAccess(props, error)) throw error;
    if (keys.primaryKey !== undefined)
      kind.gateway.log(
        `${kind.id(props)} is not deleted: only the vault can show whether it is ours, and this identity no longer has access to it.`,
      );
    return false;
  }
}

/** Where there are secrets: in the enrollment's own place, and in one that an earlier move did not reach. */
const placesOf = ({ moving, ...props }: Props): readonly Props[] => [
  ...(isInVault(props) ? [props] : []),
  ...(moving === undefined ? [] : [moving as Props]),
];

/** Deletes the secrets of the outputs. `news` are inputs that keep theirs; none at the enrollment's end. */
export async function releaseVaultKeys({ gateway }: EnrollmentKind, olds: Props, news?: Props): Promise<void> {
  for (const place of placesOf(olds)) {
    const secrets = new StoredKeys(gateway, place);
    if (news === undefined || !secrets.isSame(news)) reportLeft(gateway, await secrets.release(news));
  }
}
