/**
 * Claims a name in a vault for an object of ours, and releases it. Soft delete keeps a deleted object under its name, so both
 * a create and a delete have a second step, and the vault completes each step a little later than its response
 * (Azure documentation "Azure Key Vault soft-delete overview").
 */
import { AzureError, UnreachableError } from "../../../azure/clients/azureError";
import type { VaultObjectsClient } from "../../../azure/clients/vaultObjectsClient";
import { readVaultId, vaultUriOf } from "../../../azure/vaultIds";
import type { VaultAttributes, VaultTags } from "../../../azure/wire/vaultBundle";
import type { Like } from "../resource/azureClients";
import type { AzureGateway } from "../resource/azureGateway";
import { type Field, oneOf, optionalText, text } from "../resource/fields";
import type { Props } from "../resource/handler";

type Gateway = Pick<AzureGateway, "pause">;

/** The tag that names the owner of an object: objects of other stacks or of people are neither adopted nor deleted. */
export const OWNER_TAG = "zero-touch-owner";

/** How to treat a soft-deleted object of the same name, and with ours at its end: keep and recover it, or purge it. */
export type SoftDeleted = "recover" | "purge";

/** The rule for a vault's address. */
export const vaultAddress = (value: unknown): string | undefined =>
  typeof value === "string" && vaultUriOf(value) !== undefined
    ? undefined
    : "must be a vault's address, https://NAME.vault.azure.net";

/** The rule for {@link SoftDeleted}. */
export const softDeletedError = oneOf("recover", "purge");

/** The input {@link SoftDeleted}, where a change of it is one of the resource. */
export const SOFT_DELETED: Field = {
  validate: softDeletedError,
  isSame: (before, after) => (before ?? "recover") === (after ?? "recover"),
};

/**
 * Whether an error says that there is no vault of the name: it was deleted with everything in it. Azure removes its name from
 * the DNS then; the local Azure responds with 421.
 */
export function isVaultGone(error: unknown): boolean {
  if (error instanceof AzureError) return error.status === 421;
  const cause = error instanceof UnreachableError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENOTFOUND";
}

/** Undefined if the error says that the whole vault is gone; throws any other error. */
export function noneWithoutVault(error: unknown): undefined {
  if (!isVaultGone(error)) throw error;
}

/**
 * Whether this identity no longer has access to the stack's own vault, because its role assignments were deleted first:
 * Pulumi resumes an interrupted replacement of a vault by deleting its content again, after the rights to it.
 */
export const hasLostAccess = ({ vaultOfStack }: Props, error: unknown): boolean =>
  vaultOfStack === true && error instanceof AzureError && error.status === 403;

/** Handles a failed deletion: ignores it if the vault is gone or {@link hasLostAccess}, throws any other error. */
export function ignoreLostVault(gateway: Pick<AzureGateway, "log">, props: Props, name: string) {
  return (error: unknown): void => {
    if (isVaultGone(error)) return;
    if (!hasLostAccess(props, error)) throw error;
    reportLeft(gateway, [name]);
  };
}

/** How many names a message shows. */
const SHOWN = 4;

/** Reports the objects that are left to the deletion of the stack's own vault ({@link hasLostAccess}), if there are any. */
export function reportLeft(gateway: Pick<AzureGateway, "log">, names: readonly string[]): void {
  if (names.length === 0) return;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  const shown = names.slice(0, SHOWN).map((name) => `"${name}"`);
  gateway.log(
    `${shown.join(", ")}${more} ${names.length === 1 ? "was" : "were"} not deleted: this identity no longer has access to ` +
      "the vault. Everything in it is deleted with the vault.",
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

/** A name, its owner, and what to do with a soft-deleted object of that name. */
export interface Claim {
  readonly name: string;
  readonly owner: string;
  readonly softDeleted: SoftDeleted;
  /** ID of a version that the state names: its object is ours whatever its tag says, as after `pulumi stack rename`. */
  readonly ownId?: string;
}

/** Whether a vault keeps the secret of a resource, by its inputs or outputs. */
export const isInVault = (props: Props): boolean => optionalText(props, "vaultUri") !== undefined;

/** The claim to a name, by the inputs or outputs of its resource. */
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

/** Milliseconds between two polls, and how many polls: five minutes. */
const POLL_MS = 2_000;
const POLLS = 150;

/** Polls until `look` returns a value, and returns it. Throws after five minutes; `what` completes the message. */
export async function waitFor<R>(gateway: Gateway, what: string, look: () => Promise<R | undefined>): Promise<R> {
  for (let left = POLLS; left > 0; left -= 1) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await gateway.pause(POLL_MS);
  }
  throw new Error(
    `Timed out after 5 minutes waiting for ${what}.\n  To fix: run \`pulumi up\` again; it continues from there.`,
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
 * Frees a name: recovers and returns a soft-deleted object of ours, or purges it. Returns undefined if our object is present:
 * the next create makes a new version of it. Throws for an object that is not ours.
 */
export async function claimName<B extends Bundle>(
  gateway: Gateway,
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

async function purge<B extends Bundle>(gateway: Gateway, client: Client<B>, name: string): Promise<void> {
  await client.purge(name);
  await waitFor(gateway, `"${name}" to be purged`, () => gone(client.getDeleted(name)));
}

/** Inner codes of a 409 while an earlier deletion or recovery is still pending. */
const UNSETTLED: ReadonlySet<string | undefined> = new Set(["ObjectIsBeingDeleted", "ObjectIsBeingRecovered"]);

/** Runs the work on a name, and repeats it while the vault is still deleting or recovering an object of that name. */
export function whenSettled<R>(gateway: Gateway, name: string, work: () => Promise<R>): Promise<R> {
  const attempt = async (): Promise<{ readonly done: R } | undefined> => {
    try {
      return { done: await work() };
    } catch (error) {
      if (error instanceof AzureError && error.status === 409 && UNSETTLED.has(error.innerCode)) return undefined;
      throw error;
    }
  };
  return waitFor(gateway, `the vault to settle "${name}"`, attempt).then(({ done }) => done);
}

/** Deletes an object of ours, waits until it is soft-deleted, and purges it if the claim says so. */
export async function releaseName<B extends Bundle>(gateway: Gateway, client: Client<B>, claim: Claim): Promise<void> {
  const { name, softDeleted } = claim;
  const isOurs = await whenSettled(gateway, name, () => client.delete(name));
  if (isOurs) await waitFor(gateway, `"${name}" to be deleted`, () => client.getDeleted(name));
  if (softDeleted === "recover") return;
  const deleted = await client.getDeleted(name);
  // Someone else's may have the name if ours was deleted outside of Pulumi.
  if (isOurs || deleted?.tags?.[OWNER_TAG] === claim.owner) await purge(gateway, client, name);
}
