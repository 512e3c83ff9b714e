import { createHash } from "node:crypto";

/** The partition of a device's events: the same one always, spread evenly. Azure's own hash is not documented. */
export function partitionOf(deviceId: string, partitionCount: number): number {
  return createHash("sha256").update(deviceId).digest().readUInt32BE(0) % Math.max(1, partitionCount);
}
