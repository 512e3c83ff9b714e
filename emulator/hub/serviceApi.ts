import type { DeviceKey } from "../kernel/deviceKey";
import type { HubRecord } from "../kernel/directory";
import type { Request } from "../kernel/operation";
import { clientPath } from "./connections/clientKey";
import { existingDevice } from "./devices/deviceChanges";
import type { LockedFileNotification } from "./files/fileNotificationQueue";
import { authorizeService } from "./hubAuthorization";
import type { HubDependencies } from "./hubDependencies";
import { hubError } from "./hubErrors";
import type { DeviceBoundDraft } from "./messages/cloudToDeviceQueue";
import type { LockedSource } from "./messages/deliveryPump";
import type { FeedbackBatch } from "./messages/feedbackQueue";

/** The service side of the hubs for transports with connections. */
export interface ServiceApi {
  /** Returns the hub if the caller of a request may send messages, or receive feedback or file notifications. Throws the hub's 401. */
  authorize(request: Request, need: "send" | "feedback" | "fileNotifications"): HubRecord;
  /**
   * Enqueues a message for a device or module; resolves once it is durable. Throws DeviceNotFound, ModuleNotFound, and what
   * `CloudToDeviceQueue.send` throws.
   */
  send(hub: HubRecord, key: DeviceKey, draft: DeviceBoundDraft): Promise<void>;
  /** The feedback of a hub. */
  feedback(hub: HubRecord): LockedSource<FeedbackBatch>;
  /** The notifications of files that devices of a hub have uploaded. */
  fileNotifications(hub: HubRecord): LockedSource<LockedFileNotification>;
}

/** Makes the service side of the hubs. */
export function serviceApi(deps: HubDependencies): ServiceApi {
  const { messages, database, modules } = deps;
  return {
    authorize: (request, need) => authorizeService(request, need, deps),
    send: (hub, key, draft) =>
      database.groupCommit(() => {
        const { deviceId, moduleId } = key;
        const device = existingDevice(hub.key, deviceId, deps);
        const module = moduleId === undefined ? device : modules.find(hub.key, deviceId, moduleId);
        if (!module) throw hubError("ModuleNotFound", clientPath(key));
        messages.send(hub, { hub: hub.key, deviceId, moduleId, generationId: module.generationId }, draft);
      }),
    feedback: (hub) => ({
      listen: (wake) => messages.feedback.listen(hub.key, wake),
      isEmpty: () => false,
      receive: () => messages.feedback.receive(hub, { isOfConnection: true }),
      settle(lockToken, settlement) {
        if (settlement === "completed") messages.feedback.complete(hub.key, lockToken);
        else messages.feedback.abandon(hub.key, lockToken);
      },
      change: (work) => database.groupCommit(work),
    }),
    fileNotifications: (hub) => deps.fileNotifications.source(hub, (work) => database.groupCommit(work)),
  };
}
