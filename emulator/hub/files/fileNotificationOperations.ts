import type { Operation, Request, Response } from "../../kernel/operation";
import { authorizeService } from "../hubAuthorization";
import type { HubDependencies } from "../hubDependencies";
import { hubError } from "../hubErrors";
import { FILE_NOTIFICATION_TYPE } from "./fileNotificationQueue";

/** The service's operations on notifications of uploaded files over HTTPS, as those on feedback. SDKs receive them over AMQP. */
export function fileNotificationOperations(deps: HubDependencies): Operation[] {
  const { fileNotifications } = deps;
  const path = "/messages/serviceBound/filenotifications";

  const receive = (request: Request): Response => {
    const hub = authorizeService(request, "fileNotifications", deps);
    const locked = fileNotifications.receive(hub);
    if (!locked) return { status: 204 };
    const headers = {
      "content-type": FILE_NOTIFICATION_TYPE,
      "iothub-enqueuedtime": locked.enqueued.toISOString(),
      "iothub-sequencenumber": String(locked.sequenceNumber),
      "iothub-deliverycount": String(locked.deliveries),
      etag: `"${locked.lockToken}"`,
    };
    return { status: 200, headers, body: locked.notification };
  };

  const settle = (end: (hub: string, lockToken: string) => boolean) => {
    return (request: Request): Response => {
      const hub = authorizeService(request, "fileNotifications", deps);
      if (end(hub.key, request.params.lockToken ?? "")) return { status: 204 };
      throw hubError("DeviceMessageLockLost", "the lock of the notification is unknown or has lapsed");
    };
  };

  const named = (verb: string) => `FileNotifications_${verb}`;
  return [
    { name: named("Receive"), method: "GET", path, handle: receive },
    {
      name: named("Complete"),
      method: "DELETE",
      path: `${path}/:lockToken`,
      handle: settle((hub, lockToken) => fileNotifications.complete(hub, lockToken)),
    },
    {
      name: named("Abandon"),
      method: "POST",
      path: `${path}/:lockToken/abandon`,
      rawBody: true,
      handle: settle((hub, lockToken) => fileNotifications.abandon(hub, lockToken)),
    },
  ];
}
