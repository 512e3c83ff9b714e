/** Enrollments that no stack has, as the outputs of a list that is yet to be read. */
import type { IndividualEnrollmentBody } from "../../../azure/wire/dpsEnrollment";
import { eachOf } from "../enrollment/bulkChanges";
import { findEnrollments } from "../enrollment/enrollmentSearch";
import { leftToService } from "../enrollment/importedEnrollment";
import type { AzureGateway } from "../resource/azureGateway";
import type { Props } from "../resource/handler";
import { importedVaultUri, importIdError, serviceEndpointOf } from "../resource/importId";
import { importedKeyIds } from "../vault/storedKeys";
import { vaultObjectName } from "../vault/vaultObjectNames";
import { idKey, isKeyMade } from "./listEntry";
import { entryInputs } from "./listInputs";

type Gateway = Pick<AzureGateway, "enrollmentList" | "individualEnrollment" | "vaultSecrets" | "pause">;

const RESOURCE = "Enrollment list";
const FORM =
  "DPS/PATTERN: the name of the provisioning service and `*` for all individual enrollments, or `press-*` for those whose " +
  "IDs begin so, or registration IDs with commas between them. For keys in a vault add @https://NAME.vault.azure.net";

/** `DPS/PATTERN` and `DPS/PATTERN@VAULT_URI`. */
const ID = /^([^/@*]+)\/([^/@]+)(?:@(https:.+))?$/;

/** Enrollments of a page. */
const PAGE = 1000;

async function byPrefix(gateway: Gateway, service: string, prefix: string): Promise<IndividualEnrollmentBody[]> {
  const client = gateway.enrollmentList(service);
  const found: IndividualEnrollmentBody[] = [];
  let continuation: string | undefined;
  do {
    const page = await client.page(PAGE, continuation);
    found.push(...page.items.filter(({ registrationId }) => idKey(registrationId).startsWith(idKey(prefix))));
    continuation = page.continuation;
  } while (continuation !== undefined);
  return found;
}

async function byIds(gateway: Gateway, service: string, ids: readonly string[]): Promise<IndividualEnrollmentBody[]> {
  const found = await findEnrollments(gateway, service, ids);
  const missing = ids.filter((id) => !found.has(idKey(id)));
  if (missing.length === 0) return [...found.values()];
  throw new Error(
    `${service} has no enrollment ${missing.slice(0, 20).join(", ")}.\n  To fix: leave out what does not exist; \`pulumi up\` creates it.`,
  );
}

/** References to the keys of the enrollments that a vault has, and their owner. */
async function keysIn(
  gateway: Gateway,
  vaultUri: string,
  entries: readonly (readonly [string, Props])[],
): Promise<Props> {
  const keyed = entries.filter(([, entry]) => isKeyMade(entry));
  const stored: [string, Props][] = [];
  const owners = new Set<string>();
  await eachOf(keyed, async ([id]) => {
    const found = await importedKeyIds(gateway, { vaultUri, storedName: vaultObjectName(id, "enrollment") });
    if (found === undefined) return;
    const { owner, ...references } = found;
    owners.add(owner);
    stored.push([id, references]);
  });
  const [owner] = owners;
  if (owner === undefined || owners.size > 1 || stored.length < keyed.length)
    throw new Error(
      `${vaultUri} has the keys of ${stored.length} of ${keyed.length} enrollments, of ${owners.size} owners.\n` +
        "  To fix: import enrollments whose keys the vault has, of one owner; or import without the vault, and `pulumi up` " +
        "stores the keys there.",
    );
  return { vaultUri, owner, storedKeys: Object.fromEntries(stored) };
}

/**
 * What a list of these enrollments would have in a state, apart from what its `read` finds; undefined if a pattern has none.
 * @throws {Error} for an ID of another form, and for registration IDs that do not exist.
 */
export async function importedList(gateway: Gateway, id: string): Promise<Props | undefined> {
  const [, service, pattern, vault] = ID.exec(id) ?? [];
  const [prefix = "", ...rest] = pattern?.split("*") ?? [];
  const isPattern = rest.length === 1 && rest[0] === "" && !prefix.includes(",");
  if (service === undefined || pattern === undefined || (rest.length > 0 && !isPattern))
    throw importIdError(RESOURCE, id, FORM);
  const serviceEndpoint = serviceEndpointOf(service);
  const bodies = isPattern
    ? await byPrefix(gateway, serviceEndpoint, prefix)
    : await byIds(gateway, serviceEndpoint, [...new Set(pattern.split(",").map((each) => each.trim()))]);
  if (bodies.length === 0) return undefined;
  const entries = bodies.map((body) => [body.registrationId, leftToService(body)] as const);
  const keys = vault === undefined ? {} : await keysIn(gateway, importedVaultUri(RESOURCE, vault), entries);
  return { serviceEndpoint, ...keys, ...entryInputs(entries) };
}
