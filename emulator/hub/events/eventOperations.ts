import { createHash } from "node:crypto";
import type { Operation, Request } from "../../kernel/operation";
import { authenticateDevice } from "../devices/authenticateDevice";
import type { HubDependencies } from "../hubDependencies";
import { readMessages } from "./deviceMessage";

/** Returns the partition of a device's events: stable, and evenly distributed. Azure's hash is not documented. */
export function partitionOf(deviceId: string, partitionCount: number): number {
  return createHash("sha256").update(deviceId).digest().readUInt32BE(0) % Math.max(1, partitionCount);
}

/** The operations on device-to-cloud events. */
export function eventOperations(deps: HubDependencies): Operation[] {
  /** Stores telemetry; it is durable once the response is 204. */
  const send = async (request: Request) => {
    const { hub, identity, method } = authenticateDevice(request, request.params.deviceId ?? "", deps);
    const messages = readMessages(request.headers, request.raw);
    const { deviceId, generationId } = identity;
    const partitionId = partitionOf(deviceId, hub.partitionCount);
    const connection = {
      "iothub-connection-device-id": deviceId,
      "iothub-connection-auth-method": JSON.stringify(method),
      "iothub-connection-auth-generation-id": generationId,
      "iothub-message-source": "Telemetry",
    };
    await deps.database.groupCommit(() => {
      const drafts = messages.map(({ body, system, properties }) => {
        return { deviceId, partitionId, systemProperties: { ...system, ...connection }, properties, body };
      });
      deps.events.append(hub.key, drafts);
      deps.identities.heard(hub.key, deviceId);
    });
    return { status: 204, headers: { "content-length": "0", vary: "Origin", server: "Microsoft-HTTPAPI/2.0" } };
  };
  const path = "/devices/:deviceId/messages/events";
  return [{ name: "Device_SendDeviceEvent", method: "POST", path, rawBody: true, handle: send }];
}
