import { createHash } from "node:crypto";
import type { AuthenticatedDevice } from "../devices/authenticateDevice";
import type { HubDependencies } from "../hubDependencies";

/** A received device-to-cloud message. */
export interface Message {
  readonly body: Buffer;
  /** The sender's system properties: `message-id`, `content-type` … */
  readonly system: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, string>>;
}

/** Returns the partition of a device's events: stable, and evenly distributed. Azure's hash is not documented. */
export function partitionOf(deviceId: string, partitionCount: number): number {
  return createHash("sha256").update(deviceId).digest().readUInt32BE(0) % Math.max(1, partitionCount);
}

/** Routes the messages of a device or module, over any transport; resolves once they are durable. */
export function sendTelemetry(
  { hub, identity, module, method }: AuthenticatedDevice,
  messages: readonly Message[],
  deps: Pick<HubDependencies, "database" | "router" | "identities">,
): Promise<void> {
  const { deviceId, generationId } = identity;
  const partitionId = partitionOf(deviceId, hub.partitionCount);
  const connection = {
    "iothub-connection-device-id": deviceId,
    ...(module && { "iothub-connection-module-id": module.moduleId }),
    "iothub-connection-auth-method": JSON.stringify(method),
    "iothub-connection-auth-generation-id": module?.generationId ?? generationId,
    "iothub-message-source": "Telemetry",
  };
  return deps.database.groupCommit(() => {
    const drafts = messages.map(({ body, system, properties }) => {
      return { deviceId, partitionId, systemProperties: { ...system, ...connection }, properties, body };
    });
    deps.router.route(hub, "DeviceMessages", drafts);
    deps.identities.heard(hub.key, deviceId);
  });
}
