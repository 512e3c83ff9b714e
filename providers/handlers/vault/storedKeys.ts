/** Symmetric keys of an enrollment as two secrets of a vault: created, followed and deleted there. */
import { randomBytes } from "node:crypto";
import { AzureError } from "../../../azure/clients/azureError";
import type { VaultSecretsClient } from "../../../azure/clients/vaultSecretsClient";
import { readVaultId, vaultUriOf } from "../../../azure/vaultIds";
import type { SecretBundle } from "../../../azure/wire/vaultBundle";
import { isSymmetricKey } from "../enrollment/attestation";
import type { Like } from "../resource/azureClients";
import type { AzureGateway } from "../resource/azureGateway";
import { type Fields, missingFields, named, optionalText, text, UNKNOWN } from "../resource/fields";
import type { CheckFailure, Props } from "../resource/handler";
import { importedOwner } from "../resource/importId";
import {
  type Claim,
  claimName,
  claimOf,
  hasLostAccess,
  isInVault,
  isVaultGone,
  noneWithoutVault,
  OWNER_TAG,
  releaseName,
  SOFT_DELETED,
  vaultAddress,
  whenSettled,
} from "./vaultObject";

type Gateway = Pick<AzureGateway, "vaultSecrets" | "pause">;

/** Both keys of an enrollment, base64. */
export interface KeyPair {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** The pair, if both keys are known. */
export const wholePair = ({ primaryKey, secondaryKey }: Partial<KeyPair> = {}): KeyPair | undefined =>
  primaryKey === undefined || secondaryKey === undefined ? undefined : { primaryKey, secondaryKey };

/** The two keys of a symmetric attestation. */
export const KEY_SLOTS = ["primary", "secondary"] as const;
type KeySlot = (typeof KEY_SLOTS)[number];

const secretName = (storedName: string, slot: KeySlot): string => `${storedName}-${slot}`;

const storedNameError = (value: unknown): string | undefined =>
  typeof value === "string" ? named("vaultObject")(secretName(value, "secondary")) : "must be text";

/**
 * Inputs: the vault, the prefix of the names of the two secrets, their owner, what to do with soft-deleted ones, and whether
 * the vault is the stack's own.
 */
export const STORE: Fields = {
  vaultUri: { validate: vaultAddress },
  storedName: { validate: storedNameError },
  owner: { onChange: "ignore" },
  softDeleted: SOFT_DELETED,
  vaultOfStack: { onChange: "ignore" },
};

/** Whether a create stopped before its enrollment existed: there are only its secrets. */
export const isCreatePending = (props: Props): boolean => isInVault(props) && props.etag === undefined;

/** Checks the inputs of the store together. Unknown values pass. */
export function storeErrors(inputs: Props): CheckFailure[] {
  const { vaultUri, symmetricKey } = inputs;
  const failure = (property: string, reason: string): CheckFailure => ({ property, reason });
  if (vaultUri === undefined)
    return inputs.storedName === undefined ? [] : [failure("storedName", "needs vaultUri: it is a name in a vault")];
  const failures = missingFields(inputs, ["storedName", "owner"], "keys that are kept in a vault need it");
  if (symmetricKey === undefined)
    failures.push(failure("vaultUri", "keeps symmetric keys, and there are none: give symmetricKey: {} beside it"));
  else if (symmetricKey !== UNKNOWN && Object.keys(symmetricKey as object).length > 0)
    failures.push(failure("symmetricKey", "must be {} where a vault keeps the keys: they are made there, not given"));
  return failures;
}

/** The outcome of reading a disabled secret. */
const DISABLED = "disabled";

/** The state of a secret that differs from the enrollment's key. */
export const DIFFERS = "differs: the enrollment has another key than the vault; `pulumi up` puts the vault's into it";

/** 64 bytes, as in the service's own keys; base64. */
const newKey = (): string => randomBytes(64).toString("base64");

/** A new pair. */
export const newKeys = (): KeyPair => ({ primaryKey: newKey(), secondaryKey: newKey() });

const stateOf = (slot: KeySlot): string => `${slot}KeyState`;

/** Whether a read or an earlier failure left something for `pulumi up` to do, by the outputs. */
export const isUnsettled = (outs: Props): boolean =>
  isCreatePending(outs) ||
  KEY_SLOTS.some((slot) => outs[stateOf(slot)] !== undefined && outs[stateOf(slot)] !== "enabled");

/** The two secrets of one enrollment. */
export class StoredKeys {
  readonly #client: Like<VaultSecretsClient>;
  readonly #outs: Record<string, string> = {};

  /** `props` are inputs or outputs that are stored; `noted` the outputs that have the ids of earlier versions. */
  constructor(
    private readonly gateway: Gateway,
    private readonly props: Props,
    private readonly noted: Props = props,
  ) {
    this.#client = gateway.vaultSecrets(addressOf(props));
  }

  /** References for the outputs: ids with versions, and states. No keys. As many as have been taken. */
  get outs(): Readonly<Record<string, string>> {
    return { ...this.#outs };
  }

  /** Whether these secrets are those of the other inputs or outputs. */
  isSame(other: Props): boolean {
    return isInVault(other) && storedPlace(this.props) === storedPlace(other);
  }

  /**
   * The keys: those in the vault if they are ours, else `current` ones, else new ones, which are written.
   * A deleted secret is recovered or purged before, a disabled one enabled. Throws where a name is not ours.
   */
  async take(current: Partial<KeyPair> = {}): Promise<KeyPair> {
    const primaryKey = await this.#take("primary", current.primaryKey);
    return { primaryKey, secondaryKey: await this.#take("secondary", current.secondaryKey) };
  }

  /** The state of each secret beside the enrollment's present keys, as text for the outputs. */
  async look(theirs: Partial<KeyPair> = {}): Promise<Record<string, string>> {
    const lost =
      "deleted: the whole vault is; once it is back `pulumi up` recovers the key or keeps the enrollment's there";
    const states: Record<string, string> = {};
    for (const slot of KEY_SLOTS) {
      const seen = await this.#look(slot, theirs[`${slot}Key`]).catch(noneWithoutVault);
      states[stateOf(slot)] = seen ?? lost;
    }
    return states;
  }

  /**
   * Deletes both secrets at once, and purges them where that is set. Others' of the names stay. `next` are inputs by which
   * the keys are elsewhere now; none at their end. The result are the names that are left to the end of the stack's own
   * vault, to which access is lost ({@link hasLostAccess}): at their end, or if the keys are in another vault now.
   * Of a vault that stays in use a refusal is thrown: what is left there would stay, too.
   */
  async release(next?: Props): Promise<readonly string[]> {
    const isVaultLeft = next === undefined || (isInVault(next) && addressOf(next) !== addressOf(this.props));
    const left: string[] = [];
    const release = async (slot: KeySlot): Promise<void> => {
      try {
        await this.#release(slot);
      } catch (error) {
        if (isVaultGone(error)) return;
        if (!isVaultLeft || !hasLostAccess(this.props, error)) throw error;
        left.push(this.#claim(slot).name);
      }
    };
    const ends = await Promise.allSettled(KEY_SLOTS.map(release));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    return left.sort();
  }

  async #take(slot: KeySlot, current: string | undefined): Promise<string> {
    const claim = this.#claim(slot);
    const bundle = await whenSettled(this.gateway, claim.name, async () => {
      const present = (await this.#held(slot)) ?? (await this.#claimed(claim));
      if (present !== undefined) return present;
      const more = { contentType: "symmetric key, base64", tags: { [OWNER_TAG]: claim.owner } };
      return this.#client.set(claim.name, current ?? newKey(), more);
    });
    this.#outs[`${slot}KeyId`] = bundle.id;
    this.#outs[stateOf(slot)] = "enabled";
    const key = bundle.value.trim();
    if (isSymmetricKey(key)) return key;
    throw new Error(
      `The secret ${bundle.id} is no symmetric key: it must be the base64 of 16 to 64 bytes.\n` +
        "  To fix: set a new version of it that is one.",
    );
  }

  /** What the vault has under a name that is ours by its tag. */
  async #claimed(claim: Claim): Promise<SecretBundle | undefined> {
    return (await claimName(this.gateway, this.#client, claim)) ?? this.#client.get(claim.name);
  }

  /**
   * The newest version of a secret whose version we noted: it is ours whatever its tags, which whoever sets a version
   * leaves out, and gets them again. If the newest one is disabled the noted one counts, enabled if need be.
   */
  async #held(slot: KeySlot): Promise<SecretBundle | undefined> {
    const id = this.#id(slot);
    const { name, owner } = this.#claim(slot);
    if (id === undefined) return undefined;
    const newest = await this.#read(name);
    if (newest === undefined) return undefined;
    const isNoted = newest !== DISABLED && versionOf(newest) === id.version;
    const noted = isNoted ? newest : await this.#read(name, id.version);
    if (noted === undefined) return undefined;
    if (newest !== DISABLED) {
      if (newest.tags?.[OWNER_TAG] !== owner)
        await this.#client.update(name, versionOf(newest), { tags: { ...newest.tags, [OWNER_TAG]: owner } });
      return newest;
    }
    if (noted !== DISABLED) return noted;
    await this.#client.update(name, id.version, { enabled: true });
    return this.#client.get(name, id.version);
  }

  async #look(slot: KeySlot, theirs: string | undefined): Promise<string> {
    const { name } = this.#claim(slot);
    const id = this.#id(slot);
    const newest = await this.#read(name);
    if (newest === undefined) return this.#lost(name);
    const present = newest === DISABLED && id !== undefined ? await this.#read(name, id.version) : newest;
    if (present === undefined || present === DISABLED)
      return "disabled: it cannot be read; `pulumi up` enables it again";
    if (versionOf(present) !== id?.version)
      return "rotated: the secret has a newer version; `pulumi up` puts it into the enrollment";
    return present.value.trim() === theirs ? "enabled" : DIFFERS;
  }

  async #lost(name: string): Promise<string> {
    const deleted = await this.#client.getDeleted(name);
    if (deleted === undefined) return "purged: it is lost; `pulumi up` keeps the enrollment's key there again";
    const until = deleted.scheduledPurgeDate;
    const when = until === undefined ? "" : `, possible until ${new Date(until * 1000).toISOString().slice(0, 10)}`;
    return `deleted: \`pulumi up\` recovers it${when}`;
  }

  async #release(slot: KeySlot): Promise<void> {
    const claim = this.#claim(slot);
    const newest = await this.#read(claim.name);
    const isTagged = newest !== undefined && newest !== DISABLED && newest.tags?.[OWNER_TAG] === claim.owner;
    const { version } = this.#id(slot) ?? {};
    const isNoted = async () => version !== undefined && (await this.#read(claim.name, version)) !== undefined;
    if (newest === undefined || isTagged || (await isNoted())) await releaseName(this.gateway, this.#client, claim);
  }

  /** A version, or the newest; a disabled one may not be read. */
  async #read(name: string, version?: string): Promise<SecretBundle | typeof DISABLED | undefined> {
    try {
      return await this.#client.get(name, version);
    } catch (error) {
      if (error instanceof AzureError && error.innerCode === "SecretDisabled") return DISABLED;
      throw error;
    }
  }

  /** The version that was noted, if it is one of this name. */
  #id(slot: KeySlot) {
    const id = readVaultId(optionalText(this.noted, `${slot}KeyId`) ?? "");
    const isHere = id?.name.toLowerCase() === this.#claim(slot).name && id?.vaultUri === addressOf(this.props);
    return isHere ? id : undefined;
  }

  #claim(slot: KeySlot): Claim {
    const name = secretName(text(this.props, "storedName").toLowerCase(), slot);
    return claimOf(this.props, name, optionalText(this.noted, `${slot}KeyId`));
  }
}

/** The vault's address in one spelling. */
const addressOf = (props: Props): string => {
  const given = text(props, "vaultUri");
  return vaultUriOf(given) ?? given;
};

/** Where the two secrets are, as one text that is the same for every spelling of it. */
export const storedPlace = (props: Props): string => `${addressOf(props)}/${text(props, "storedName").toLowerCase()}`;

/** The inputs that say where the two secrets are, read out of the id of one of them; undefined for anything else. */
export function storedAt(keyId: string): { readonly vaultUri: string; readonly storedName: string } | undefined {
  const id = readVaultId(keyId);
  const [, storedName] = /^(.+)-(?:primary|secondary)$/.exec(id?.name.toLowerCase() ?? "") ?? [];
  return id === undefined || storedName === undefined ? undefined : { vaultUri: id.vaultUri, storedName };
}

/**
 * References to the two secrets in a vault that no state has, with their owner; undefined if one of them is missing. Throws for
 * secrets without an owner.
 */
export async function importedKeyIds(
  gateway: Pick<AzureGateway, "vaultSecrets">,
  { vaultUri, storedName }: { readonly vaultUri: string; readonly storedName: string },
): Promise<{ readonly primaryKeyId: string; readonly secondaryKeyId: string; readonly owner: string } | undefined> {
  const client = gateway.vaultSecrets(vaultUri);
  const [primary, secondary] = await Promise.all(KEY_SLOTS.map((slot) => client.get(secretName(storedName, slot))));
  if (primary === undefined || secondary === undefined) return undefined;
  const owner = importedOwner(primary.id, primary.tags);
  return { primaryKeyId: primary.id, secondaryKeyId: secondary.id, owner };
}

const versionOf = ({ id }: SecretBundle): string => readVaultId(id)?.version ?? "";
