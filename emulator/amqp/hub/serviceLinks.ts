import type { ServiceApi } from "../../hub/serviceApi";
import type { Clock } from "../../kernel/clock";
import type { AmqpClient } from "../amqpDependencies";
import { AmqpError, CONDITION } from "../amqpErrors";
import type { IncomingLink, OutgoingLink } from "../amqpLinks";
import { amqpRequest } from "../amqpRequest";
import { type LinkRoute, matchAddress } from "../linkRoutes";
import { pumpLink } from "../pumpLink";
import type { HubTokens } from "./hubTokens";
import { draftOf, feedbackMessage, fileNotificationMessage } from "./messageFields";

const DEVICE_BOUND = "/messages/devicebound";
const FEEDBACK = "/messages/serviceBound/feedback";
const FILE_NOTIFICATIONS = "/messages/serviceBound/filenotifications";

/** The links of services: messages to devices, feedback on them, and notifications of uploaded files. */
export function serviceLinks(
  client: AmqpClient,
  tokens: HubTokens,
  deps: { readonly service: ServiceApi; readonly clock: Clock },
): LinkRoute[] {
  const { service, clock } = deps;
  // For each message, in both directions: a token may have expired, and a policy or a role may be gone.
  const authorize = (link: IncomingLink | OutgoingLink, path: string, need: Parameters<ServiceApi["authorize"]>[1]) => {
    const headers = { authorization: tokens.find("")?.header };
    return service.authorize(amqpRequest(client, link, { method: "POST", path, params: {}, headers }), need);
  };
  return [
    {
      from: "client",
      address: DEVICE_BOUND,
      attach(link) {
        authorize(link, DEVICE_BOUND, "send");
        link.receive(async (message) => {
          const hub = authorize(link, DEVICE_BOUND, "send");
          const to = message.to ?? "";
          const key =
            matchAddress("/devices/:deviceId/messages/devicebound", to) ??
            matchAddress("/devices/:deviceId/modules/:moduleId/messages/devicebound", to);
          if (!key?.deviceId) {
            throw new AmqpError(CONDITION.argument, `the message is to '${to}', not to /devices/ID${DEVICE_BOUND}`);
          }
          await service.send(hub, { deviceId: key.deviceId, moduleId: key.moduleId }, draftOf(message, clock.now()));
        });
      },
    },
    {
      from: "service",
      address: FEEDBACK,
      attach(link) {
        const receive = () => authorize(link, FEEDBACK, "feedback");
        const hub = receive();
        pumpLink(link, service.feedback(hub), (batch) => feedbackMessage(hub.name, batch), receive);
      },
    },
    {
      from: "service",
      address: FILE_NOTIFICATIONS,
      attach(link) {
        const receive = () => authorize(link, FILE_NOTIFICATIONS, "fileNotifications");
        pumpLink(link, service.fileNotifications(receive()), fileNotificationMessage, receive);
      },
    },
  ];
}
