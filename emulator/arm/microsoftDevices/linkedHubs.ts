import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { SharedAccessPolicy } from "../../kernel/directory";
import type { ArmDependencies } from "../armDependencies";
import { devicesError, type ErrorDependencies, notEmulated } from "../armErrors";
import { readLocation } from "../regions";

/** A linked hub as it is stored, with its key. */
export interface StoredLink {
  /** Lower case. */
  readonly hostName: string;
  /** As the client wrote the host name; undefined in links stored by earlier releases. */
  readonly writtenName?: string;
  readonly policy: string;
  /** Base64. */
  readonly key: string;
  readonly location: string;
  /** As the client sent them; undefined means Azure's default (true, 1). */
  readonly applyAllocationPolicy?: boolean;
  readonly allocationWeight?: number;
}

/** Replaces the key in every response; a later request may send it back. */
export const MASK = "****";
/** What a linked hub's policy must allow (Azure documentation, "Link and manage IoT hubs"). */
const NEEDED_RIGHTS = ["RegistryWrite", "ServiceConnect"];

/** The links in stored properties. */
export const linkedHubsOf = (properties: JsonObject): readonly StoredLink[] =>
  (properties.iotHubs as readonly StoredLink[] | undefined) ?? [];

/** A link as Azure returns it: the key masked, `name` the hub's host name. */
export function linkBody(link: StoredLink): JsonObject {
  const { hostName, policy, location, applyAllocationPolicy, allocationWeight } = link;
  const name = link.writtenName ?? hostName;
  return {
    applyAllocationPolicy,
    allocationWeight,
    name,
    connectionString: `HostName=${name};SharedAccessKeyName=${policy};SharedAccessKey=${MASK}`,
    location,
  };
}

function connection(
  text: string | null | undefined,
  deps: ErrorDependencies,
): { hostName: string; writtenName?: string; policy: string; key: string } {
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
export function acceptsKey(link: StoredLink, policies: readonly SharedAccessPolicy[]): boolean {
  const policy = policies.find(({ keyName }) => keyName.toLowerCase() === link.policy.toLowerCase());
  if (!policy || missingRights(policy).length > 0) return false;
  return [policy.primaryKey, policy.secondaryKey].includes(link.key);
}

function checkRights(link: { hostName: string; policy: string; key: string }, deps: ArmDependencies): void {
  const hub = deps.directory.hub(link.hostName);
  if (!hub) {
    const message = `Unable to find the IoThub \`${link.hostName}\`. Check if the hub exists and the connection information is correct.`;
    throw devicesError("hubNotFound", message, deps);
  }
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
  readonly authenticationType?: string | null;
  readonly applyAllocationPolicy?: boolean | null;
  readonly allocationWeight?: number | null;
}

function readOne(item: RequestedLink, before: readonly StoredLink[], deps: ArmDependencies): StoredLink {
  const { authenticationType } = item;
  if (authenticationType && authenticationType.toLowerCase() !== "keybased") {
    throw notEmulated(`linked hubs with authenticationType ${authenticationType}`);
  }
  const given = connection(item.connectionString, deps);
  const stored = before.find(({ hostName, policy }) => hostName === given.hostName && policy === given.policy);
  // A client that reads, modifies and writes sends the mask back, which means the stored key (azure-cli's recordings of
  // linked-hub update).
  const link = given.key === MASK && stored ? stored : given;
  if (link !== stored || given.key !== MASK) checkRights(link, deps);
  return {
    hostName: link.hostName,
    writtenName: link.writtenName,
    policy: link.policy,
    key: link.key,
    location: readLocation(item.location, "Microsoft.Devices/IotHubs"),
    applyAllocationPolicy: item.applyAllocationPolicy ?? undefined,
    allocationWeight: item.allocationWeight ?? undefined,
  };
}

/** Reads `properties.iotHubs` of a request: each hub must exist, and its policy must allow DPS to register devices. */
export function readLinks(requested: unknown, before: readonly StoredLink[], deps: ArmDependencies): StoredLink[] {
  const links = ((requested ?? []) as RequestedLink[]).map((item) => readOne(item, before, deps));
  if (new Set(links.map(({ hostName }) => hostName)).size < links.length) {
    throw devicesError("duplicateLinkedHub", "Cannot have duplicate iot hubs in description.", deps);
  }
  return links;
}
