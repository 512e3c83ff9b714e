import { randomBytes, randomUUID } from "node:crypto";

/** The source of everything that Azure chooses at random; tests put a counted one in its place. */
export interface Ids {
  /** A GUID in lower case. */
  guid(): string;
  /** Random octets as lower-case hexadecimal, two characters an octet. */
  hex(octets: number): string;
  /** A shared access key: 32 random octets as base64. */
  key(): string;
}

export const randomIds: Ids = Object.freeze({
  guid: () => randomUUID(),
  hex: (octets: number) => randomBytes(octets).toString("hex"),
  key: () => randomBytes(32).toString("base64"),
});
