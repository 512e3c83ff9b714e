import { randomBytes, randomUUID } from "node:crypto";

/** The source of everything that Azure chooses at random; tests put a counted one in its place. */
export interface Ids {
  /** A GUID in lower case. */
  guid(): string;
  /** Random octets as lower-case hexadecimal, two characters an octet. */
  hex(octets: number): string;
  /** A key as base64: 32 random octets, as a shared access key has them, unless told otherwise. */
  key(octets?: number): string;
}

export const randomIds: Ids = Object.freeze({
  guid: () => randomUUID(),
  hex: (octets: number) => randomBytes(octets).toString("hex"),
  key: (octets = 32) => randomBytes(octets).toString("base64"),
});
