import { randomBytes, randomUUID } from "node:crypto";

/** The source of random IDs and keys; tests use a counter. */
export interface Ids {
  /** A GUID in lower case. */
  guid(): string;
  /** Random bytes as lower-case hexadecimal. */
  hex(bytes: number): string;
  /** Random bytes as base64. Default: 32, as in a shared access key. */
  key(bytes?: number): string;
}

export const randomIds: Ids = Object.freeze({
  guid: () => randomUUID(),
  hex: (bytes: number) => randomBytes(bytes).toString("hex"),
  key: (bytes = 32) => randomBytes(bytes).toString("base64"),
});

/** Whether a value has the form of a GUID, in any letter case. */
export const isGuid = (value: unknown): value is string =>
  typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
