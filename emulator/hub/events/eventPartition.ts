import { createHash } from "node:crypto";

/** Returns the partition of a device's events: stable, and evenly distributed. Azure's hash is not documented. */
export function partitionOf(deviceId: string, partitionCount: number): number {
  return createHash("sha256").update(deviceId).digest().readUInt32BE(0) % Math.max(1, partitionCount);
}
