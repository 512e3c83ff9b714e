/**
 * How a name in a vault becomes free for an object of ours, and how the object goes again. Soft delete keeps what was
 * deleted under its name, so both a create and a delete have a second half; the vault does each half a little later
 * than it answers (Azure documentation "Azure Key Vault soft-delete overview").
 */
import { AzureError, UnreachableError } from "../../../azure/clients/azureError";
import type { VaultObjectsClient } from "../../../azure/clients/vaultObjectsClient";
import { readVaultId, vaultUriOf } from "../../../azure/vaultIds";
import type { VaultAttributes, VaultTags } from "../../../azure/wire/vaultBundle";
import type { AzureGateway, Like } from "../resource/azureGateway";
import { oneOf, optionalText, text } from "../resource/fields";
import type { Props } from "../resource/handler";

/** Whose an object is, by this tag: what another stack or a person made is neither taken over nor deleted. */
export const OWNER_TAG = "zero-touch-owner";

/** What becomes of a deleted object that holds a name, and of ours when it is deleted: kept and taken back, or removed for good. */
export type SoftDeleted = "recover" | "purge";

/** The rule for a vault's address. */
export const vaultAddress = (value: unknown): string | undefined =>
  typeof value === "string" && vaultUriOf(value) !== undefined
    ? undefined
    : "must be a vault's address, https://NAME.vault.azure.net";

/** The rule for {@link SoftDeleted}. */
export const softDeletedFault = oneOf("recover", "purge");

/**
 * Whether an error says that there is no vault of the name: it was deleted, with all that is in it. Azure takes its name
 * out of the DNS then; the local Azure answers 421.
 */
export function isVaultGone(error: unknown): boolean {
  if (error instanceof AzureError) return error.status === 421;
  const cause = error instanceof UnreachableError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENOTFOUND";
}

/** Nothing, where the error says that the whole vault is gone; throws any other error. */
export function noneWithoutVault(error: unknown): undefined {
  if (!isVaultGone(error)) throw error;
}

/**
 * Whether the stack's own vault lets this identity in no more. Its roles were deleted before then: Pulumi goes on from an
 * interrupted replacement of a vault by deleting once more what lies in it, after the rights to that.
 */
export const isShut = ({ vaultOfStack }: Props, error: unknown): boolean =>
  vaultOfStack === true && error instanceof AzureError && error.status === 403;

/** What becomes of a failure to delete an object: nothing where the vault is gone, or {@link isShut}; any other is thrown. */
export function leftToVault(gateway: Pick<AzureGateway, "tell">, props: Props, name: string) {
  return (error: unknown): void => {
    if (isVaultGone(error)) return;
    if (!isShut(props, error)) throw error;
    tellLeft(gateway, [name]);
  };
}

/** Names that are told of what is left to its vault. */
const LEFT_TOLD = 4;

/** Tells what is left to the end of the stack's own vault, which {@link isShut}; nothing where there is no name. */
export function tellLeft(gateway: Pick<AzureGateway, "tell">, names: readonly string[]): void {
  if (names.length === 0) return;
  const more = names.length - LEFT_TOLD;
  const told = names.slice(0, LEFT_TOLD).map((name) => `"${name}"`);
  const [verb, them] = names.length === 1 ? ["was", "it"] : ["were", "them"];
  gateway.tell(
    `${told.join(", ")}${more > 0 ? ` and ${more} more` : ""} ${verb} not looked for: the vault lets this identity in no ` +
      `more. What is left of ${them} goes with the vault.`,
  );
}

/** What all bundles have. */
interface Bundle {
  readonly attributes?: VaultAttributes;
  readonly tags?: VaultTags;
  /** ID with its version; a key has it as `key.kid`. */
  readonly id?: string;
  readonly key?: { readonly kid: string };
}

/** A name, whose it is to be, and what a deleted object of that name is to become. */
export interface Claim {
  readonly name: string;
  readonly owner: string;
  readonly softDeleted: SoftDeleted;
  /** ID of a version that the state names: its object is ours whatever its tag says, as after `pulumi stack rename`. */
  readonly ownId?: string;
}

/** Whether something is kept in a vault, by the inputs or outputs of its resource. */
export const isInVault = (props: Props): boolean => optionalText(props, "vaultUri") !== undefined;

/** The claim to a name, by the inputs or outputs of the resource that wants it. */
export const claimOf = (props: Props, name: string, ownId?: string): Claim => ({
  name,
  ownId,
  owner: text(props, "owner"),
  softDeleted: (optionalText(props, "softDeleted") ?? "recover") as SoftDeleted,
});

type Client<B extends Bundle> = Pick<
  Like<VaultObjectsClient<B>>,
  "get" | "getDeleted" | "delete" | "recover" | "purge"
>;

/** Milliseconds between two looks, and how many looks: five minutes. */
const LOOK_MS = 2_000;
const LOOKS = 150;

/** Looks until there is something to see. Throws with `what` is waited for after five minutes. */
export async function waitFor<R>(gateway: AzureGateway, what: string, look: () => Promise<R | undefined>): Promise<R> {
  for (let left = LOOKS; left > 0; left -= 1) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await gateway.pause(LOOK_MS);
  }
  throw new Error(
    `Waited five minutes for ${what}, in vain.\n  To fix: run \`pulumi up\` again; it goes on from there.`,
  );
}

const gone = async (look: Promise<unknown>): Promise<true | undefined> =>
  (await look) === undefined ? true : undefined;

/** Throws unless the object is ours: by its tag, or because the state names one of its versions. */
async function checkOwner<B extends Bundle>(client: Client<B>, claim: Claim, found: B, state: string): Promise<void> {
  const owner = found.tags?.[OWNER_TAG];
  if (owner === claim.owner) return;
  const own = readVaultId(claim.ownId ?? "");
  if (own?.name.toLowerCase() === claim.name.toLowerCase()) {
    if ((found.id ?? found.key?.kid) === claim.ownId) return;
    if ((await client.get(claim.name, own.version)) !== undefined) return;
  }
  throw new Error(
    `"${claim.name}" is taken: the vault has ${state} of that name, ${owner === undefined ? "not made by this toolkit" : `made by ${owner}`}.\n` +
      `  To fix: give another name, or remove what is there. If it is yours, set its tag ${OWNER_TAG} to ${claim.owner}.`,
  );
}

/**
 * Makes a name free: a deleted object of ours is recovered, and given back, or purged. An object of ours that stands needs
 * nothing: what is made next is its new version. Throws for an object that is not ours.
 */
export async function claimName<B extends Bundle>(
  gateway: AzureGateway,
  client: Client<B>,
  claim: Claim,
): Promise<B | undefined> {
  const { name } = claim;
  const present = await client.get(name);
  if (present !== undefined) {
    await checkOwner(client, claim, present, "an object");
    return undefined;
  }
  const deleted = await client.getDeleted(name);
  if (deleted === undefined) return undefined;
  await checkOwner(client, claim, deleted, "a deleted object");
  if (claim.softDeleted === "purge") {
    await purge(gateway, client, name);
    return undefined;
  }
  await client.recover(name);
  return waitFor(gateway, `"${name}" to be recovered`, () => client.get(name));
}

async function purge<B extends Bundle>(gateway: AzureGateway, client: Client<B>, name: string): Promise<void> {
  await client.purge(name);
  await waitFor(gateway, `"${name}" to be purged`, () => gone(client.getDeleted(name)));
}

/** What Key Vault says beneath a 409 while an earlier deletion or recovery has not ended yet. */
const UNSETTLED: ReadonlySet<string | undefined> = new Set(["ObjectIsBeingDeleted", "ObjectIsBeingRecovered"]);

/** Does the work on a name, again while the vault is still deleting or recovering what had it. */
export function whenSettled<R>(gateway: AzureGateway, name: string, work: () => Promise<R>): Promise<R> {
  const attempt = async (): Promise<{ readonly done: R } | undefined> => {
    try {
      return { done: await work() };
    } catch (error) {
      if (error instanceof AzureError && error.status === 409 && UNSETTLED.has(error.innerCode)) return undefined;
      throw error;
    }
  };
  return waitFor(gateway, `the vault to be done with "${name}"`, attempt).then(({ done }) => done);
}

/** Deletes an object of ours, and waits until it is among the deleted ones; purges it too where asked. */
export async function releaseName<B extends Bundle>(
  gateway: AzureGateway,
  client: Client<B>,
  claim: Claim,
): Promise<void> {
  const { name, softDeleted } = claim;
  const isOurs = await whenSettled(gateway, name, () => client.delete(name));
  if (isOurs) await waitFor(gateway, `"${name}" to be deleted`, () => client.getDeleted(name));
  if (softDeleted === "recover") return;
  const deleted = await client.getDeleted(name);
  // Someone else's may have the name since ours was deleted behind our back.
  if (isOurs || deleted?.tags?.[OWNER_TAG] === claim.owner) await purge(gateway, client, name);
}
