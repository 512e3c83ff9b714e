import { uuid_to_string } from "rhea";

/** Returns a message ID or correlation ID as text: AMQP has texts, numbers, UUIDs and bytes. Undefined without one. */
export function idText(id: unknown): string | undefined {
  if (id === undefined || id === null || id === "") return undefined;
  if (!Buffer.isBuffer(id)) return String(id);
  return id.length === 16 ? uuid_to_string(id) : id.toString("hex");
}
