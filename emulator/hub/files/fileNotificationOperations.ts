import type { Operation } from "../../kernel/operation";
import type { HubDependencies } from "../hubDependencies";
import { serviceBoundOperations } from "../messages/serviceBoundOperations";
import { FILE_NOTIFICATION_TYPE, type LockedFileNotification } from "./fileNotificationQueue";

/** The service's operations on notifications of uploaded files over HTTPS, as those on feedback. SDKs receive them over AMQP. */
export function fileNotificationOperations(deps: HubDependencies): Operation[] {
  const { fileNotifications } = deps;
  return serviceBoundOperations<LockedFileNotification>(
    {
      path: "/messages/serviceBound/filenotifications",
      right: "fileNotifications",
      names: {
        receive: "FileNotifications_Receive",
        complete: "FileNotifications_Complete",
        abandon: "FileNotifications_Abandon",
      },
      what: "notification",
      receive: (hub) => fileNotifications.receive(hub),
      headers: () => ({ "content-type": FILE_NOTIFICATION_TYPE }),
      bodyOf: ({ notification }) => notification,
      complete: (hub, lockToken) => fileNotifications.complete(hub, lockToken),
      abandon: (hub, lockToken) => fileNotifications.abandon(hub, lockToken),
    },
    deps,
  );
}
