import { nameFault } from "../../../azure/names";
import type { Answer, Call, Operation } from "../../kernel/call";
import { etagMatches } from "../../kernel/etag";
import { devicesError, frontError } from "../errors";
import { newEtag } from "../etag";
import { checkSettled, existingGroup, NAME } from "../existing";
import { readLocation } from "../locations";
import type { ArmParts } from "../parts";
import { type JsonObject, objectBody, tagsOf } from "../requestBody";
import type { Resource } from "../resourceTable";
import type { DeviceServiceKind } from "./kind";
import { acceptedBody } from "./resourceBody";

function checkBefore(kind: DeviceServiceKind, call: Call, before: Resource | undefined, parts: ArmParts): void {
  const group = existingGroup(call, parts);
  const name = call.params[NAME] ?? "";
  if (group.goneAt !== undefined) {
    const message = `The resource group '${group.name}' is in deprovisioning state and cannot perform this operation.`;
    throw frontError(409, "ResourceGroupBeingDeleted", message);
  }
  const fault = nameFault(kind.nameRule, name);
  if (fault) throw devicesError(kind.nameFault, `${fault}.`, parts);
  if (!before) return;
  if (before.group.toLowerCase() !== group.name.toLowerCase()) {
    throw devicesError("nameTaken", `${kind.label} name '${name}' is not available.`, parts);
  }
  checkSettled(before, kind.label, parts);
}

function checkEtag(call: Call, body: JsonObject, before: Resource | undefined, parts: ArmParts): void {
  const asked = [call.headers["if-match"], body.etag].filter(
    (etag): etag is string => typeof etag === "string" && etag !== "",
  );
  if (asked.some((etag) => !before || !etagMatches(etag, before.etag))) {
    throw devicesError("staleEtag", "Invalid ETag supplied.", parts);
  }
}

function refuseOneMore({ type, label, limit }: DeviceServiceKind, parts: ArmParts): void {
  if (!parts.switches.throttling || parts.resources.list({ type }).length < limit) return;
  throw devicesError(
    "quotaExceeded",
    `The subscription has ${limit} of the kind ${label} already, as many as it may.`,
    parts,
  );
}

function write(kind: DeviceServiceKind, call: Call, parts: ArmParts): Answer {
  const body = objectBody(call);
  const before = parts.resources.named(kind.type, call.params[NAME] ?? "");
  checkBefore(kind, call, before, parts);
  const location = readLocation(body.location, kind.type);
  if (before && before.location !== location) {
    const message = `The resource '${before.name}' already exists in location '${before.location}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`;
    throw frontError(409, "InvalidResourceLocation", message);
  }
  const tags = tagsOf(body) ?? {};
  checkEtag(call, body, before, parts);
  const plan = kind.plan(body, location, before, parts, (hostName) => parts.directory.hub(hostName));
  if (!before) refuseOneMore(kind, parts);
  const readyAt = parts.longRunning.endOfOneStartedNow();
  const identity = body.identity ?? before?.identity;
  const resource: Resource = {
    key: before?.key ?? parts.ids.guid(),
    type: kind.type,
    name: before?.name ?? call.params[NAME] ?? "",
    group: existingGroup(call, parts).name,
    location,
    tags,
    ...plan,
    ...(identity === undefined || identity === null ? {} : { identity }),
    etag: newEtag(parts),
    createdAt: before?.createdAt ?? parts.clock.now().getTime(),
    readyAt,
  };
  parts.resources.put(resource);
  const { status } = parts.longRunning.start(call, kind.pollPath(parts.subscriptionId, location), readyAt);
  return {
    // 201 for an update too, as recorded from the service.
    status: 201,
    headers: { "azure-asyncoperation": status, ...parts.longRunning.retryAfter() },
    body: acceptedBody(kind, resource, before === undefined, parts),
  };
}

/** PUT of a hub or a provisioning service: creates it, or replaces what it has but keeps its keys. */
export function createOrUpdate(kind: DeviceServiceKind, path: string, parts: ArmParts): Operation {
  return {
    name: `${kind.operations}_CreateOrUpdate`,
    method: "PUT",
    path,
    handle(call) {
      const answer = parts.store.transaction(() => write(kind, call, parts));
      parts.directory.changed();
      return answer;
    },
  };
}
