import type { InitialTwin } from "../../../azure/wire/dpsEnrollment";
import type { DeviceIdentity, ModuleIdentity } from "../../../azure/wire/hubIdentity";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { Operation, Request, Response } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, HUB_ERRORS, HubError, hubError } from "../hubErrors";
import { readBody } from "../hubRequestBody";
import { draftOfModule } from "../modules/moduleBody";
import { createModule, existingModule, removeModule, updateModule } from "../modules/moduleChanges";
import { checkTwin, readSections } from "../twins/twinSections";
import { createDevice, existingDevice, removeDevice, updateDevice } from "./deviceChanges";
import { draftOf } from "./identityBody";

/** Most items of one call (Azure documentation, "IoT Hub quotas and throttling"). */
const ITEM_LIMIT = 100;

/** An item: an identity and its twin, under the names of an import. */
export interface BulkItem
  extends Pick<
      DeviceIdentity,
      "status" | "statusReason" | "authentication" | "capabilities" | "deviceScope" | "parentScopes"
    >,
    InitialTwin {
  readonly id: string;
  readonly moduleId?: string | null;
  readonly managedBy?: ModuleIdentity["managedBy"];
  readonly importMode?: string | null;
  readonly eTag?: string | null;
  readonly twinETag?: string | null;
}

const keyOf = ({ id, moduleId }: BulkItem): DeviceKey => ({ deviceId: id, moduleId: moduleId ?? undefined });
const nameOf = ({ id, moduleId }: BulkItem): string => (moduleId ? `${id}/${moduleId}` : id);

/** Merges the item's tags and desired properties into the twin. Its ETag counts where there is one. */
function patchTwin(hub: string, item: BulkItem, twinETag: string | null | undefined, deps: HubDependencies): void {
  const sections = readSections(item);
  if (Object.keys(sections).length === 0) return;
  const key = keyOf(item);
  const etag = deps.twins.find(hub, key)?.etag ?? "";
  if (twinETag) checkIfMatch(twinETag, etag, item.moduleId ? "Module twin" : "Device twin");
  checkTwin(deps.twins.patch(hub, key, sections));
}

/** The changes of identities by an item. */
const identityChanges = (hub: string, item: BulkItem, deps: HubDependencies) => {
  const { id: deviceId, moduleId } = item;
  if (moduleId) {
    const key = { deviceId, moduleId };
    const draft = () => draftOfModule({ ...item, ...key }, deps.ids);
    return {
      exists: () => deps.modules.find(hub, deviceId, moduleId) !== undefined,
      create: () => void createModule(hub, draft(), deps),
      update: (ifMatch: string) => void updateModule(hub, draft(), ifMatch, deps),
      remove: (ifMatch: string) => removeModule(hub, key, ifMatch, deps),
      check: () => void existingModule(hub, key, deps),
    };
  }
  const draft = () => draftOf({ ...item, deviceId }, deps.ids);
  return {
    exists: () => deps.identities.find(hub, deviceId) !== undefined,
    create: () => void createDevice(hub, draft(), deps),
    update: (ifMatch: string) => void updateDevice(hub, draft(), ifMatch, deps),
    remove: (ifMatch: string) => removeDevice(hub, deviceId, ifMatch, deps),
    check: () => void existingDevice(hub, deviceId, deps),
  };
};

/** Applies one item. Throws the error of the single operation. Call it inside a transaction. */
export function applyItem(hub: string, item: BulkItem, deps: HubDependencies): void {
  const mode = (item.importMode ?? "createOrUpdate").toLowerCase();
  // Without an ETag nothing is compared (amenzhinsky/iothub, TestBulkOperations, which ran against the live service).
  const conditionOf = (etag: string | null | undefined): string => (mode.endsWith("ifmatchetag") && etag ? etag : "*");
  const change = identityChanges(hub, item, deps);
  switch (mode.replace("ifmatchetag", "")) {
    case "delete":
      change.remove(conditionOf(item.eTag));
      return;
    case "updatetwin":
      change.check();
      patchTwin(hub, item, conditionOf(item.twinETag), deps);
      return;
    case "update":
      change.update(conditionOf(item.eTag));
      break;
    case "create":
      change.create();
      // The twin of a new device has no earlier version: what one hub has exported, another imports.
      patchTwin(hub, item, undefined, deps);
      return;
    default:
      if (!change.exists()) {
        change.create();
        patchTwin(hub, item, undefined, deps);
        return;
      }
      change.update(conditionOf(item.eTag));
  }
  patchTwin(hub, item, item.twinETag, deps);
}

/** Throws TooManyDevices or DeviceDefinedMultipleTimes. */
function checkItems(items: readonly BulkItem[]): void {
  const names = items.map(nameOf);
  const again = names.find((name, at) => names.indexOf(name) !== at);
  if (again !== undefined) throw hubError("DeviceDefinedMultipleTimes", again);
}

/**
 * Creates, updates and removes up to 100 identities and their twins. Each item is whole or refused alone: 400 with the errors
 * of the items that are refused.
 */
async function updateRegistry(request: Request, deps: HubDependencies): Promise<Response> {
  const hub = authorizeService(request, "write", deps);
  if (Array.isArray(request.body) && request.body.length > ITEM_LIMIT) {
    throw hubError("TooManyDevices", `a call has at most ${ITEM_LIMIT} devices, not ${request.body.length}`);
  }
  const items = readBody<readonly BulkItem[]>(request.body, "hub.bulk");
  checkItems(items);
  const outcomes = await Promise.allSettled(
    items.map((item) => deps.database.groupCommit(() => applyItem(hub.key, item, deps))),
  );
  const errors = outcomes.flatMap((outcome, at) => {
    if (outcome.status === "fulfilled") return [];
    const error: unknown = outcome.reason;
    if (!(error instanceof HubError)) throw error;
    const { id: deviceId, moduleId, importMode: operation } = items[at] as BulkItem;
    const errorCode = HUB_ERRORS[error.errorName];
    return [{ deviceId, moduleId: moduleId ?? undefined, errorCode, errorStatus: error.text, operation }];
  });
  return {
    status: errors.length === 0 ? 200 : 400,
    body: { isSuccessful: errors.length === 0, errors, warnings: [] },
  };
}

/** The bulk operation on identities (Azure REST API "Bulk Registry"). */
export const bulkOperations = (deps: HubDependencies): Operation[] => [
  {
    name: "BulkRegistry_UpdateRegistry",
    method: "POST",
    path: "/devices",
    handle: (request) => updateRegistry(request, deps),
  },
];
