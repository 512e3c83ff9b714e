import type { Operation, Request, Response } from "../../kernel/operation";
import { existingDevice } from "../devices/deviceChanges";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { FEEDBACK_TYPE } from "./feedbackQueue";

/** The service's operations on cloud-to-device messages over HTTPS. It sends them over AMQP only. */
export function feedbackOperations(deps: HubDependencies): Operation[] {
  const { messages, database } = deps;
  const path = "/messages/serviceBound/feedback";

  const receive = (request: Request): Response => {
    const hub = authorizeService(request, "feedback", deps);
    const batch = messages.feedback.receive(hub);
    if (!batch) return { status: 204 };
    const headers = {
      "content-type": FEEDBACK_TYPE,
      "iothub-userid": hub.name,
      "iothub-enqueuedtime": batch.enqueued.toISOString(),
      "iothub-sequencenumber": String(batch.sequenceNumber),
      "iothub-deliverycount": String(batch.deliveries),
      etag: `"${batch.lockToken}"`,
    };
    return { status: 200, headers, body: batch.records };
  };

  const settle = (end: (hub: string, lockToken: string) => boolean) => {
    return (request: Request): Response => {
      const hub = authorizeService(request, "feedback", deps);
      if (end(hub.key, request.params.lockToken ?? "")) return { status: 204 };
      throw hubError("DeviceMessageLockLost", "the lock of the feedback is unknown or has lapsed");
    };
  };

  const purge = (request: Request): Response => {
    const hub = authorizeService(request, "purge", deps);
    const { deviceId = "" } = request.params;
    return database.transaction(() => {
      existingDevice(hub.key, deviceId, deps);
      const totalMessagesPurged = messages.purge({ hub: hub.key, deviceId });
      return { status: 200, body: { deviceId, totalMessagesPurged } };
    });
  };

  const named = (verb: string) => `CloudToDeviceMessages_${verb}`;
  return [
    { name: named("ReceiveFeedbackNotification"), method: "GET", path, handle: receive },
    {
      name: named("CompleteFeedbackNotification"),
      method: "DELETE",
      path: `${path}/:lockToken`,
      handle: settle((hub, lockToken) => messages.feedback.complete(hub, lockToken)),
    },
    {
      name: named("AbandonFeedbackNotification"),
      method: "POST",
      path: `${path}/:lockToken/abandon`,
      rawBody: true,
      handle: settle((hub, lockToken) => messages.feedback.abandon(hub, lockToken)),
    },
    {
      name: named("PurgeCloudToDeviceMessageQueue"),
      method: "DELETE",
      path: "/devices/:deviceId/commands",
      handle: purge,
    },
  ];
}
