import type { Operation } from "../../kernel/call";
import { partitionOf } from "../partition";
import type { HubParts } from "../parts";
import { authenticateDevice } from "./authenticate";
import { readMessages } from "./message";

/** `POST /devices/{id}/messages/events`: telemetry, durable when 204 is answered. */
export const sendEvent = (parts: HubParts): Operation => ({
  name: "Device_SendDeviceEvent",
  method: "POST",
  path: "/devices/:deviceId/messages/events",
  rawBody: true,
  async handle(call) {
    const { deviceId = "" } = call.params;
    const { hub, identity, method } = authenticateDevice(call, deviceId, parts);
    const messages = readMessages(call.headers, call.raw, parts.fail);
    const partitionId = partitionOf(identity.deviceId, hub.partitionCount);
    await parts.store.together(() => {
      parts.events.append(
        hub.key,
        messages.map(({ body, system, properties }) => ({
          deviceId: identity.deviceId,
          partitionId,
          systemProperties: {
            ...system,
            "iothub-connection-device-id": identity.deviceId,
            "iothub-connection-auth-method": JSON.stringify(method),
            "iothub-connection-auth-generation-id": identity.generationId,
            "iothub-message-source": "Telemetry",
          },
          properties,
          body,
        })),
      );
      parts.identities.heard(hub.key, identity.deviceId);
    });
    return { status: 204, headers: { "content-length": "0", vary: "Origin", server: "Microsoft-HTTPAPI/2.0" } };
  },
});
