import type { Operation } from "../../kernel/operation";
import { authenticateDevice } from "../devices/authenticateDevice";
import type { HubDependencies } from "../hubDependencies";
import { readMessages } from "./deviceMessage";
import { partitionOf } from "./eventPartition";

/** `POST /devices/{id}/messages/events`: telemetry, durable once the response is 204. */
export const sendDeviceEvent = (deps: HubDependencies): Operation => ({
  name: "Device_SendDeviceEvent",
  method: "POST",
  path: "/devices/:deviceId/messages/events",
  rawBody: true,
  async handle(request) {
    const { deviceId = "" } = request.params;
    const { hub, identity, method } = authenticateDevice(request, deviceId, deps);
    const messages = readMessages(request.headers, request.raw, deps.fail);
    const partitionId = partitionOf(identity.deviceId, hub.partitionCount);
    await deps.database.groupCommit(() => {
      deps.events.append(
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
      deps.identities.heard(hub.key, identity.deviceId);
    });
    return { status: 204, headers: { "content-length": "0", vary: "Origin", server: "Microsoft-HTTPAPI/2.0" } };
  },
});
