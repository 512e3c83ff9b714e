import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { SharedAccessPolicy } from "../../kernel/directory";
import type { ArmDependencies } from "../armDependencies";
import { devicesError, type ErrorDependencies } from "../armErrors";
import { userAssigned } from "../microsoftManagedIdentity/managedIdentity";
import type { StoredIdentity } from "../microsoftResources/resourceStore";
import { readLocation } from "../regions";

interface LinkSettings {
  /** Lower case. */
  readonly hostName: string;
  /** As the client wrote the host name; undefined in links stored by earlier releases. */
  readonly writtenName?: string;
  readonly location: string;
  /** As the client sent them; undefined means Azure's default (true, 1). */
  readonly applyAllocationPolicy?: boolean;
  readonly allocationWeight?: number;
}

/** A link by the key of a shared access policy of the hub. */
export interface KeyLink extends LinkSettings {
  readonly policy: string;
  /** Base64. */
  readonly key: string;
  readonly authenticationType?: never;
}

/** A link by a managed identity of the provisioning service. */
export interface IdentityLink extends LinkSettings {
  readonly authenticationType: "SystemAssigned" | "UserAssigned";
  /** ARM ID of the user-assigned identity, as the client wrote it. */
  readonly selectedUserAssignedIdentityResourceId?: string;
}

/** A linked hub as it is stored. */
export type StoredLink = KeyLink | IdentityLink;

/** Replaces the key in every response; a later request may send it back. */
export const MASK = "****";
/** What a linked hub's policy must allow (Azure documentation, "Link and manage IoT hubs"). */
const NEEDED_RIGHTS = ["RegistryWrite", "ServiceConnect"];
/**
 * Links by identity are in api-versions from 2026-03-01-preview on (TypeSpec of Microsoft.Devices
 * DeviceProvisioningServices, IotHubDefinitionDescription).
 */
const knowsIdentities = (apiVersion: string): boolean => apiVersion >= "2026-03-01";

/** The links in stored properties. */
export const linkedHubsOf = (properties: JsonObject): readonly StoredLink[] =>
  (properties.iotHubs as readonly StoredLink[] | undefined) ?? [];

const isKeyLink = (link: StoredLink): link is KeyLink => link.authenticationType === undefined;

/**
 * A link as Azure returns it: the key masked, `name` the hub's host name. How an older api-version shows a link by
 * identity is a guess: without a key, in the connection string that this version requires.
 */
export function linkBody(link: StoredLink, apiVersion: string): JsonObject {
  const { hostName, location, applyAllocationPolicy, allocationWeight } = link;
  const name = link.writtenName ?? hostName;
  const connectionString = isKeyLink(link)
    ? `HostName=${name};SharedAccessKeyName=${link.policy};SharedAccessKey=${MASK}`
    : "";
  const body = { applyAllocationPolicy, allocationWeight, name, connectionString, location };
  if (!knowsIdentities(apiVersion)) return body;
  return {
    ...body,
    hostName: name,
    authenticationType: link.authenticationType ?? "KeyBased",
    selectedUserAssignedIdentityResourceId: isKeyLink(link) ? undefined : link.selectedUserAssignedIdentityResourceId,
  };
}

type Connection = Pick<KeyLink, "hostName" | "writtenName" | "policy" | "key">;

function connection(text: string | null | undefined, deps: ErrorDependencies): Connection {
  const fields = new Map<string, string>();
  for (const part of (text ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0) fields.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  const [hostName, policy, key] = ["hostname", "sharedaccesskeyname", "sharedaccesskey"].map((name) =>
    fields.get(name),
  );
  if (hostName && policy && key) return { hostName: hostName.toLowerCase(), writtenName: hostName, policy, key };
  const message = "The connection string of a linked hub must be 'HostName=…;SharedAccessKeyName=…;SharedAccessKey=…'.";
  throw devicesError("invalidArgument", message, deps);
}

const missingRights = ({ rights }: SharedAccessPolicy): readonly string[] =>
  NEEDED_RIGHTS.filter((right) => !rights.includes(right));

/** Whether the hub's current policies still accept the key of a link. */
export function acceptsKey(link: KeyLink, policies: readonly SharedAccessPolicy[]): boolean {
  const policy = policies.find(({ keyName }) => keyName.toLowerCase() === link.policy.toLowerCase());
  if (!policy || missingRights(policy).length > 0) return false;
  return [policy.primaryKey, policy.secondaryKey].includes(link.key);
}

/** The object ID of the identity that a link selects; undefined if the resource no longer has it. */
export function principalOf(
  {
    authenticationType,
    selectedUserAssignedIdentityResourceId: selected = "",
  }: Pick<IdentityLink, "authenticationType" | "selectedUserAssignedIdentityResourceId">,
  identity: StoredIdentity | undefined,
  deps: Parameters<typeof userAssigned>[1],
): string | undefined {
  if (authenticationType === "SystemAssigned") return identity?.principalId;
  if (!hasUserAssigned(identity, selected)) return undefined;
  const principalId = userAssigned(selected, deps)?.properties.principalId;
  return typeof principalId === "string" ? principalId : undefined;
}

const hasUserAssigned = (identity: StoredIdentity | undefined, id: string): boolean =>
  Object.keys(identity?.userAssignedIdentities ?? {}).some((each) => each.toLowerCase() === id.toLowerCase());

function existingHub(hostName: string, deps: ArmDependencies) {
  const hub = deps.directory.hub(hostName);
  if (hub) return hub;
  const message = `Unable to find the IoThub \`${hostName}\`. Check if the hub exists and the connection information is correct.`;
  throw devicesError("hubNotFound", message, deps);
}

function checkRights(link: Connection, deps: ArmDependencies): void {
  const hub = existingHub(link.hostName, deps);
  const policy = hub.policies.find(({ keyName }) => keyName.toLowerCase() === link.policy.toLowerCase());
  if (!policy || ![policy.primaryKey, policy.secondaryKey].includes(link.key)) {
    const message = `The connection string is not valid for the IoThub \`${link.hostName}\`: the hub has no policy '${link.policy}' with that key.`;
    throw devicesError("invalidArgument", message, deps);
  }
  const missing = missingRights(policy);
  if (missing.length > 0) {
    const message = `The policy '${link.policy}' of the IoThub \`${link.hostName}\` lacks ${missing.join(" and ")}: a linked hub needs ${NEEDED_RIGHTS.join(" and ")}.`;
    throw devicesError("invalidArgument", message, deps);
  }
}

/** A link of a request that a schema has checked. */
interface RequestedLink {
  readonly connectionString?: string | null;
  readonly location: string;
  readonly hostName?: string | null;
  readonly authenticationType?: string | null;
  readonly selectedUserAssignedIdentityResourceId?: string | null;
  readonly applyAllocationPolicy?: boolean | null;
  readonly allocationWeight?: number | null;
}

/** What links depend on, beside the request. */
export interface LinkContext {
  /** The links before the request. */
  readonly before: readonly StoredLink[];
  /** The service's identity after the request. */
  readonly identity: StoredIdentity | undefined;
  readonly apiVersion: string;
}

function keyLink(item: RequestedLink, { before }: LinkContext, deps: ArmDependencies): Connection {
  const given = connection(item.connectionString, deps);
  const stored = before
    .filter(isKeyLink)
    .find(({ hostName, policy }) => hostName === given.hostName && policy === given.policy);
  // A client that reads, modifies and writes sends the mask back, which means the stored key (azure-cli's recordings of
  // linked-hub update).
  const link = given.key === MASK && stored ? stored : given;
  if (link !== stored || given.key !== MASK) checkRights(link, deps);
  const { hostName, writtenName, policy, key } = link;
  return { hostName, writtenName, policy, key };
}

type Authenticated = Pick<
  IdentityLink,
  "hostName" | "writtenName" | "authenticationType" | "selectedUserAssignedIdentityResourceId"
>;

/** Reads a link by identity. The role of the identity is checked at each assignment of a device, not here. */
function identityLink(
  item: RequestedLink,
  authenticationType: IdentityLink["authenticationType"],
  { identity }: LinkContext,
  deps: ArmDependencies,
): Authenticated {
  const invalid = (message: string) => devicesError("invalidArgument", message, deps);
  const { hostName: given, selectedUserAssignedIdentityResourceId: selected, connectionString } = item;
  if (connectionString)
    throw invalid(`A hub that is linked by ${authenticationType} identity has no connectionString.`);
  if (!given) throw invalid("A linked hub without a connectionString needs a hostName.");
  const hostName = given.toLowerCase();
  existingHub(hostName, deps);
  if (authenticationType === "SystemAssigned") {
    if (identity?.principalId !== undefined) return { hostName, writtenName: given, authenticationType };
    throw invalid("The provisioning service has no system-assigned identity to link the hub by.");
  }
  if (!selected) throw invalid("selectedUserAssignedIdentityResourceId is required for the type UserAssigned.");
  if (!hasUserAssigned(identity, selected))
    throw invalid(`The identity '${selected}' to link the hub by is not assigned to the provisioning service.`);
  return {
    hostName,
    writtenName: given,
    authenticationType,
    selectedUserAssignedIdentityResourceId: selected,
  };
}

/**
 * An entry of an api-version that does not know identities keeps the link by identity at its place: it names no hub, as
 * the response from which a client has it named the hub in a read-only member. A guess.
 */
function keptLink(item: RequestedLink, index: number, { before, apiVersion }: LinkContext): IdentityLink | undefined {
  const stored = before[index];
  const isBlank = !item.connectionString && !knowsIdentities(apiVersion);
  return isBlank && stored !== undefined && !isKeyLink(stored) ? stored : undefined;
}

function readOne(item: RequestedLink, index: number, context: LinkContext, deps: ArmDependencies): StoredLink {
  const settings = {
    location: readLocation(item.location, "Microsoft.Devices/IotHubs"),
    applyAllocationPolicy: item.applyAllocationPolicy ?? undefined,
    allocationWeight: item.allocationWeight ?? undefined,
  };
  const kept = keptLink(item, index, context);
  if (kept) return { ...kept, ...settings };
  const wanted = knowsIdentities(context.apiVersion) ? item.authenticationType?.toLowerCase() : undefined;
  const authenticationType = (["SystemAssigned", "UserAssigned"] as const).find(
    (each) => each.toLowerCase() === wanted,
  );
  return authenticationType === undefined
    ? { ...keyLink(item, context, deps), ...settings }
    : { ...identityLink(item, authenticationType, context, deps), ...settings };
}

/**
 * Reads `properties.iotHubs` of a request: each hub must exist; a key must allow DPS to register devices, and an identity
 * must be the service's.
 */
export function readLinks(requested: unknown, context: LinkContext, deps: ArmDependencies): StoredLink[] {
  const links = ((requested ?? []) as RequestedLink[]).map((item, index) => readOne(item, index, context, deps));
  if (new Set(links.map(({ hostName }) => hostName)).size < links.length) {
    throw devicesError("duplicateLinkedHub", "Cannot have duplicate iot hubs in description.", deps);
  }
  return links;
}
