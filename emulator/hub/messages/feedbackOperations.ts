import type { Operation, Request, Response } from "../../kernel/operation";
import { existingDevice } from "../devices/deviceChanges";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { FEEDBACK_TYPE, type FeedbackBatch } from "./feedbackQueue";
import { serviceBoundOperations } from "./serviceBoundOperations";

/** The service's operations on cloud-to-device messages over HTTPS. It sends them over AMQP only. */
export function feedbackOperations(deps: HubDependencies): Operation[] {
  const { messages, database } = deps;
  const { feedback } = messages;

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
    ...serviceBoundOperations<FeedbackBatch>(
      {
        path: "/messages/serviceBound/feedback",
        right: "feedback",
        names: {
          receive: named("ReceiveFeedbackNotification"),
          complete: named("CompleteFeedbackNotification"),
          abandon: named("AbandonFeedbackNotification"),
        },
        what: "feedback",
        receive: (hub) => feedback.receive(hub),
        headers: (hub) => ({ "content-type": FEEDBACK_TYPE, "iothub-userid": hub.name }),
        bodyOf: ({ records }) => records,
        complete: (hub, lockToken) => feedback.complete(hub, lockToken),
        abandon: (hub, lockToken) => feedback.abandon(hub, lockToken),
      },
      deps,
    ),
    {
      name: named("PurgeCloudToDeviceMessageQueue"),
      method: "DELETE",
      path: "/devices/:deviceId/commands",
      handle: purge,
    },
  ];
}
