import type { DeviceKey } from "../../kernel/deviceKey";
import type { HubDependencies } from "../hubDependencies";
import { wireDeviceJob } from "../jobs/jobBody";
import { wireModuleTwin, wireTwin } from "../twins/twinBody";
import type { CollectionName } from "./queryTree";

/** A document of a collection, and its place in the order of the collection: the device's ID, and that of a module or a job. */
export interface QueryDocument {
  readonly position: readonly [string, string];
  readonly document: Readonly<Record<string, unknown>>;
}

/** Reads documents in their order: behind a position, so many, of one device or of all. */
export interface CollectionRange {
  readonly after: QueryDocument["position"];
  readonly limit: number;
  readonly deviceId?: string;
}

type Dependencies = Pick<HubDependencies, "identities" | "modules" | "twins" | "jobs" | "configurations">;

/** Adds how configurations concern a twin, where the hub has configurations. */
function withStatuses(
  hub: string,
  { deviceId, moduleId }: DeviceKey,
  document: QueryDocument["document"],
  { configurations }: Dependencies,
): QueryDocument["document"] {
  if (configurations.list(hub).length === 0) return document;
  const statuses = configurations.statuses(hub, { deviceId, moduleId });
  return statuses ? { ...document, configurations: statuses } : document;
}

function devices(
  hub: string,
  { after: [after], limit, deviceId }: CollectionRange,
  deps: Dependencies,
): QueryDocument[] {
  const one = deviceId === undefined ? undefined : deps.identities.find(hub, deviceId);
  const list = deviceId === undefined ? deps.identities.list(hub, limit, after) : one && deviceId > after ? [one] : [];
  return list.flatMap((identity): QueryDocument[] => {
    const twin = deps.twins.find(hub, { deviceId: identity.deviceId });
    return twin
      ? [{ position: [identity.deviceId, ""], document: withStatuses(hub, identity, wireTwin(identity, twin), deps) }]
      : [];
  });
}

function modules(hub: string, { after, limit, deviceId }: CollectionRange, deps: Dependencies): QueryDocument[] {
  return deps.modules.page(hub, after, limit, deviceId).flatMap((module): QueryDocument[] => {
    const identity = deps.identities.find(hub, module.deviceId);
    const twin = deps.twins.find(hub, module);
    if (!identity || !twin) return [];
    return [
      {
        position: [module.deviceId, module.moduleId],
        document: withStatuses(hub, module, wireModuleTwin(identity, module, twin), deps),
      },
    ];
  });
}

function jobs(hub: string, { after, limit, deviceId }: CollectionRange, deps: Dependencies): QueryDocument[] {
  return deps.jobs
    .page(hub, after, limit, deviceId)
    .map((job) => ({ position: [job.deviceId, job.jobId], document: wireDeviceJob(job) }));
}

/** The collections of the query language. */
export const readCollection: Readonly<
  Record<CollectionName, (hub: string, range: CollectionRange, deps: Dependencies) => QueryDocument[]>
> = Object.freeze({ devices, "devices.modules": modules, "devices.jobs": jobs });
